# The executable, once every part of it is there, and what is installed with it.

set(parts base log metrics config vault catalog flow codec ledger board mirror outbox timetable
	http api admin)
set(missing "")
foreach(part IN LISTS parts)
	if(NOT TARGET ${part})
		list(APPEND missing ${part})
	endif()
endforeach()
if(missing)
	message(STATUS "vacancyd is not built: missing ${missing}")
	return()
endif()

# The description of the API travels inside the program, so the two cannot part.
set(openapi ${PROJECT_SOURCE_DIR}/config/openapi.yaml)
set(openapi_c ${CMAKE_CURRENT_BINARY_DIR}/openapi_yaml.c)
add_custom_command(OUTPUT ${openapi_c} DEPENDS ${openapi} ${CMAKE_CURRENT_LIST_DIR}/embed.cmake
	COMMAND ${CMAKE_COMMAND} -DFROM=${openapi} -DTO=${openapi_c} -DNAME=openapi_yaml
		-P ${CMAKE_CURRENT_LIST_DIR}/embed.cmake VERBATIM)
set(json ${CMAKE_CURRENT_BINARY_DIR}/openapi.json)
set(json_c ${CMAKE_CURRENT_BINARY_DIR}/openapi_json.c)
add_custom_command(OUTPUT ${json_c} DEPENDS yaml_json ${openapi} ${CMAKE_CURRENT_LIST_DIR}/embed.cmake
	COMMAND yaml_json ${openapi} > ${json}
	COMMAND ${CMAKE_COMMAND} -DFROM=${json} -DTO=${json_c} -DNAME=openapi_json
		-P ${CMAKE_CURRENT_LIST_DIR}/embed.cmake VERBATIM)

add_executable(vacancyd main.c keeper.c kept_file.c kept_keys.c kept_post.c notify.c parts.c process.c serving.c signs.c sockets.c supervise.c worker.c worker_settings.c ${openapi_c} ${json_c})
target_link_libraries(vacancyd PRIVATE house ${parts} matcher PkgConfig::EVENT PkgConfig::POPT)

# Nothing of a prefix is compiled in: `cmake --install build --prefix P` says it, and all goes under P.
install(TARGETS vacancyd DESTINATION sbin)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/config/schema ${PROJECT_SOURCE_DIR}/config/data
	${PROJECT_SOURCE_DIR}/config/prometheus DESTINATION share/vacancyd)
install(PROGRAMS ${PROJECT_SOURCE_DIR}/config/database-roles DESTINATION share/vacancyd)
install(CODE "set(from ${PROJECT_SOURCE_DIR}/config)\nset(scratch ${CMAKE_CURRENT_BINARY_DIR}/installed)")
install(SCRIPT ${CMAKE_CURRENT_LIST_DIR}/install.cmake)
