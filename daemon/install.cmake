# What is installed and names places: settings, unit and manuals, written for this prefix.
#
# Run by `cmake --install`, with `from`, the folder config of the source, and `scratch`.  The
# shipped files name Debian's places.  Settings and policy of the operator's are never
# overwritten; what this version ships lies beside the tables.

# Two installations may be under way at once.
string(SHA1 place "$ENV{DESTDIR}${CMAKE_INSTALL_PREFIX}")
set(scratch ${scratch}/${place})
set(etc ${CMAKE_INSTALL_PREFIX}/etc)
if(CMAKE_INSTALL_PREFIX STREQUAL "/usr")
	set(etc /etc)
endif()

# installed_as(FILE FOLDER): with the places of this prefix in it.
function(installed_as file folder)
	get_filename_component(name ${file} NAME)
	file(READ ${file} text)
	string(REPLACE "/usr/share/vacancyd" "${CMAKE_INSTALL_PREFIX}/share/vacancyd" text "${text}")
	string(REPLACE "/etc/vacancyd" "${etc}/vacancyd" text "${text}")
	string(REPLACE "/usr/sbin" "${CMAKE_INSTALL_PREFIX}/sbin" text "${text}")
	string(REPLACE "/usr/bin" "${CMAKE_INSTALL_PREFIX}/bin" text "${text}")
	file(WRITE ${scratch}/${name} "${text}")
	file(INSTALL ${scratch}/${name} DESTINATION ${folder})
endfunction()

installed_as(${from}/systemd/vacancyd.service ${CMAKE_INSTALL_PREFIX}/lib/systemd/system)
installed_as(${from}/systemd/vacancyd.socket ${CMAKE_INSTALL_PREFIX}/lib/systemd/system)
file(GLOB_RECURSE pages RELATIVE ${from}/man ${from}/man/*)
foreach(page IN LISTS pages)
	string(REGEX MATCH "[0-9]$" section ${page})
	get_filename_component(language "${page}" DIRECTORY) # none, or zh_CN
	installed_as(${from}/man/${page} ${CMAKE_INSTALL_PREFIX}/share/man/${language}/man${section})
endforeach()
installed_as(${from}/vacancyd.conf ${CMAKE_INSTALL_PREFIX}/share/vacancyd)
if(NOT EXISTS $ENV{DESTDIR}${etc}/vacancyd/vacancyd.conf)
	installed_as(${from}/vacancyd.conf ${etc}/vacancyd)
endif()
file(GLOB policies ${from}/policy/*)
foreach(policy IN LISTS policies)
	get_filename_component(name ${policy} NAME)
	if(NOT EXISTS $ENV{DESTDIR}${etc}/vacancyd/policy/${name})
		file(INSTALL ${policy} DESTINATION ${etc}/vacancyd/policy)
	endif()
endforeach()
