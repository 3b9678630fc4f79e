# Whether each source is short enough to be read at once.
#
#   cmake -DROOT=<source> -DSCRATCH=<empty folder> -P length.cmake
#
# Nothing is longer than `most` lines but what is excused below, which may only become shorter.
# Data and what is printed by a program are no sources.

cmake_minimum_required(VERSION 3.25)

set(most 400)
# Each with the most that it may have: to be lowered with every seam that is found.
set(excused
	"clients/cli/batch.c 455"
	"clients/cli/import.c 513"
	"config/schema/functions/households.sql 424"
	"config/schema/functions/registers.sql 428"
	"tests/unit/rows_test.c 520"
)

# What is wrong with the lengths of a tree's sources, one an element.
function(wrong_lengths root out)
	set(wrong "")
	file(GLOB_RECURSE sources RELATIVE ${root} ${root}/daemon/*.[ch] ${root}/matcher/*.[ch]
		${root}/clients/*.[ch] ${root}/tests/*.[ch] ${root}/tests/*.py ${root}/tests/*.sql
		${root}/config/schema/*.sql ${root}/*.cmake ${root}/*/CMakeLists.txt)
	list(FILTER sources EXCLUDE REGEX "(^|/)(node_modules|build[^/]*)/")
	foreach(script IN ITEMS config/quickstart config/sample_city config/sample_daemon config/services tests/run)
		if(EXISTS ${root}/${script})
			list(APPEND sources ${script})
		endif()
	endforeach()
	foreach(path IN LISTS sources)
		file(READ ${root}/${path} text)
		string(REGEX REPLACE "[^\n]+" "" text "${text}")
		string(LENGTH "${text}" n)
		set(bound ${most})
		foreach(excuse IN LISTS excused)
			if(excuse MATCHES "^${path} ([0-9]+)$")
				set(bound ${CMAKE_MATCH_1})
			endif()
		endforeach()
		if(n GREATER bound)
			list(APPEND wrong "${path} has ${n} lines, not ${bound} at most: find its seam")
		elseif(NOT bound EQUAL most AND NOT n GREATER most)
			list(APPEND wrong "${path} has ${n} lines only and needs no excuse")
		endif()
	endforeach()
	set(${out} "${wrong}" PARENT_SCOPE)
endfunction()

# Plants a file of so many lines in a tree of its own; `count` faults must be found.
function(plant count path lines)
	file(REMOVE_RECURSE ${SCRATCH})
	string(REPEAT "x;[\n" ${lines} text)
	file(WRITE ${SCRATCH}/${path} "${text}")
	wrong_lengths(${SCRATCH} found)
	list(LENGTH found n)
	if(NOT n EQUAL count)
		message(FATAL_ERROR "${path} of ${lines} lines: found ${n}, not ${count}: ${found}")
	endif()
	file(REMOVE_RECURSE ${SCRATCH})
endfunction()

if(NOT ROOT OR NOT SCRATCH)
	message(FATAL_ERROR "usage: cmake -DROOT=<source> -DSCRATCH=<folder> -P length.cmake")
endif()

plant(0 daemon/http/http.c 400)
plant(1 daemon/http/http.c 401)
plant(1 tests/integration/test_x.py 401)
plant(1 config/schema/functions/x.sql 401)
plant(1 tests/run 401)
plant(0 config/openapi.yaml 401)
plant(0 daemon/build/x.c 401)
list(GET excused 0 excuse)
string(REPLACE " " ";" excuse "${excuse}")
list(GET excuse 0 path)
list(GET excuse 1 lines)
plant(0 ${path} ${lines})
math(EXPR lines "${lines} + 1")
plant(1 ${path} ${lines})
plant(1 ${path} 400)

wrong_lengths(${ROOT} wrong)
foreach(excuse IN LISTS excused)
	string(REGEX REPLACE " .*" "" path "${excuse}")
	if(NOT EXISTS ${ROOT}/${path})
		list(APPEND wrong "${path} is excused and not there")
	endif()
endforeach()
if(wrong)
	list(JOIN wrong "\n  " text)
	message(FATAL_ERROR "lengths:\n  ${text}")
endif()
message(STATUS "every source is short, or becoming so")
