# Whether every text that a user sees speaks of people as "the seeker", "the officer", "they".
#
#   cmake -DROOT=<source> -P texts.cmake
#
# Whole files that users read, and of sources what stands between quotation marks: no she, her,
# he or his there.  Names in code, comments and the sample's people are not looked at.

cmake_minimum_required(VERSION 3.25)

set(wrong "")
set(word "(She|she|Her|her|Hers|hers|Herself|herself|He|he|His|his|Him|him|Himself|himself)")
file(GLOB read ${ROOT}/config/man/* ${ROOT}/config/rules/* ${ROOT}/config/policy/*)
list(APPEND read ${ROOT}/README.md ${ROOT}/config/openapi.yaml ${ROOT}/config/vacancyd.conf
	${ROOT}/config/quickstart ${ROOT}/config/data/README.md ${ROOT}/config/data/choices.tsv
	${ROOT}/config/data/authorisation.tsv ${ROOT}/config/data/problems.tsv
	${ROOT}/config/data/faults.tsv ${ROOT}/config/data/expected.tsv ${ROOT}/config/data/wrong_states.tsv ${ROOT}/config/data/registers.tsv)
file(GLOB_RECURSE sources ${ROOT}/matcher/*.c ${ROOT}/daemon/*.c ${ROOT}/clients/*.c
	${ROOT}/config/schema/*.sql)
list(LENGTH sources n)
if(n LESS 100)
	message(FATAL_ERROR "found ${n} sources only")
endif()
foreach(path IN LISTS read sources)
	file(READ ${path} text)
	file(RELATIVE_PATH name ${ROOT} ${path})
	if(path MATCHES "[.]sql$")
		string(REGEX REPLACE "--[^\n]*" "" text "${text}")
		string(REGEX MATCHALL "'[^'\n]*'" strings "${text}")
		string(REPLACE ";" "\n" text "${strings}")
	elseif(path IN_LIST sources) # a string of one line, which no comment is
		string(REGEX MATCHALL "\"[^\"\n]*\"" strings "${text}")
		string(REPLACE ";" "\n" text "${strings}")
	endif()
	string(REGEX MATCHALL "[^\n]*[^A-Za-z_]${word}[^A-Za-z_][^\n]*" found "\n${text}\n")
	foreach(line IN LISTS found)
		string(STRIP "${line}" line)
		string(SUBSTRING "${line}" 0 100 line)
		list(APPEND wrong "${name}: ${line}")
	endforeach()
endforeach()
if(wrong)
	list(JOIN wrong "\n  " text)
	message(FATAL_ERROR "people are the seeker, the officer, they:\n  ${text}")
endif()
message(STATUS "people are the seeker, the officer, they")
