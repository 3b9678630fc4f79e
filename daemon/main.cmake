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

add_executable(vacancyd main.c keeper.c kept_file.c kept_keys.c kept_post.c notify.c parts.c signs.c sockets.c supervise.c worker.c ${openapi_c} ${json_c})
target_link_libraries(vacancyd PRIVATE house ${parts} matcher PkgConfig::EVENT PkgConfig::POPT)

# The shipped settings name Debian's places; the installed ones, those of this prefix.
set(confdir ${CMAKE_INSTALL_FULL_SYSCONFDIR}/vacancyd)
set(sharedir ${CMAKE_INSTALL_FULL_DATADIR}/vacancyd)
target_compile_definitions(vacancyd PRIVATE DEFAULT_CONFIG="${confdir}/vacancyd.conf")
foreach(file vacancyd.conf systemd/vacancyd.service)
	get_filename_component(name ${file} NAME)
	file(READ ${PROJECT_SOURCE_DIR}/config/${file} text)
	string(REPLACE "/usr/share/vacancyd" "${sharedir}" text "${text}")
	string(REPLACE "/etc/vacancyd" "${confdir}" text "${text}")
	string(REPLACE "/usr/sbin" "${CMAKE_INSTALL_FULL_SBINDIR}" text "${text}")
	file(CONFIGURE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/installed/${name} CONTENT "${text}" @ONLY)
	set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS
		${PROJECT_SOURCE_DIR}/config/${file})
endforeach()

install(TARGETS vacancyd DESTINATION ${CMAKE_INSTALL_SBINDIR})
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/installed/vacancyd.conf DESTINATION ${confdir})
install(DIRECTORY ${PROJECT_SOURCE_DIR}/config/policy DESTINATION ${confdir})
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/installed/vacancyd.service
	DESTINATION lib/systemd/system)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/config/schema ${PROJECT_SOURCE_DIR}/config/data
	DESTINATION ${sharedir})
foreach(section 1 5 7 8)
	file(GLOB pages ${PROJECT_SOURCE_DIR}/config/man/*.${section})
	install(FILES ${pages} DESTINATION ${CMAKE_INSTALL_MANDIR}/man${section})
endforeach()
