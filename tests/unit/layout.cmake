# Whether the tree explains itself.
#
#   cmake -DROOT=<source> -P layout.cmake
#
# Every source opens with a paragraph that says what it is; every folder with sources is in
# README's "Where things are", and each path that README names is there.

cmake_minimum_required(VERSION 3.25)

set(wrong "")
set(folders "")
file(STRINGS ${ROOT}/README.md lines ENCODING UTF-8)
foreach(line IN LISTS lines)
	if(line MATCHES "^## ")
		set(section "${line}")
		set(fences 0)
	elseif(line STREQUAL "```")
		math(EXPR fences "${fences} + 1")
	endif()
	# What stands in backticks or as the target of a link, and has a folder in it.
	string(REGEX MATCHALL "[`(](config|daemon|matcher|clients|tests)/[a-z0-9_./-]+[`)]" paths "${line}")
	foreach(path IN LISTS paths)
		string(REGEX REPLACE "[`()]" "" path "${path}")
		if(NOT EXISTS ${ROOT}/${path})
			list(APPEND wrong "README.md names ${path}, which is not there")
		endif()
	endforeach()
	if(NOT section STREQUAL "## Where things are" OR NOT fences EQUAL 1
		OR NOT line MATCHES "^( *)([a-z_/]+/( [a-z_/]+/)*)")
		continue()
	endif()
	set(indent "${CMAKE_MATCH_1}")
	string(REPLACE " " ";" names "${CMAKE_MATCH_2}")
	foreach(name IN LISTS names)
		string(REGEX REPLACE "/$" "" name "${name}")
		string(LENGTH "${indent}" depth)
		math(EXPR depth "${depth} / 2")
		set(above_${depth} ${name})
		set(path ${name})
		while(depth GREATER 0)
			math(EXPR depth "${depth} - 1")
			set(path ${above_${depth}}/${path})
		endwhile()
		list(APPEND folders ${path})
		if(NOT IS_DIRECTORY ${ROOT}/${path})
			list(APPEND wrong "README.md names ${path}/, which is not there")
		endif()
	endforeach()
endforeach()

file(GLOB_RECURSE sources RELATIVE ${ROOT}
	${ROOT}/matcher/*.[ch] ${ROOT}/daemon/*.[ch] ${ROOT}/clients/*.[ch] ${ROOT}/tests/*.[ch]
	${ROOT}/config/schema/*.sql ${ROOT}/tests/*.py)
list(LENGTH sources n)
if(n LESS 300)
	message(FATAL_ERROR "found ${n} sources only")
endif()
foreach(path IN LISTS sources)
	get_filename_component(folder ${path} DIRECTORY)
	if(NOT folder IN_LIST folders)
		list(APPEND wrong "${folder}/ is not in README's list of folders")
	endif()
	# A comment of at least a sentence: two words and a stop.
	file(READ ${ROOT}/${path} text LIMIT 1500)
	if(NOT text MATCHES "^(#![^\n]*\n)?(/\\*|--|\"\"\"|#)[^\n]*[ \n][^.;:]+ [^.;:]+[.;:]")
		list(APPEND wrong "${path} does not open with a paragraph that says what it is")
	endif()
endforeach()
if(wrong)
	list(REMOVE_DUPLICATES wrong)
	list(JOIN wrong "\n  " text)
	message(FATAL_ERROR "The tree does not explain itself:\n  ${text}")
endif()
message(STATUS "${n} sources open with what they are, in the folders README names")
