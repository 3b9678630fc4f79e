# Whether the rules that the tree cites are in it.
#
#   cmake -DROOT=<source> -P rules.cmake
#
# A citation is "rules/" and a slug.  Each leads to a page of config/rules, each page is cited
# outside config/rules, and each says the rule, what is done with it, and where it comes from: a
# source with how far it was read, and no article of one that was not.  Nothing cites a file that
# a user does not have.

cmake_minimum_required(VERSION 3.25)

set(wrong "")
file(GLOB pages RELATIVE ${ROOT}/config/rules ${ROOT}/config/rules/*)
list(LENGTH pages n)
if(n LESS 60)
	message(FATAL_ERROR "found ${n} pages only")
endif()
file(GLOB_RECURSE files ${ROOT}/matcher/*.[ch] ${ROOT}/daemon/*.[ch] ${ROOT}/clients/*.[ch]
	${ROOT}/config/*.sql ${ROOT}/config/*.yaml ${ROOT}/config/*.conf ${ROOT}/config/*.tsv
	${ROOT}/config/*.md ${ROOT}/config/man/* ${ROOT}/config/rules/* ${ROOT}/tests/*.[ch]
	${ROOT}/tests/*.py ${ROOT}/tests/*.sql ${ROOT}/tests/*.md)
list(APPEND files ${ROOT}/README.md ${ROOT}/config/quickstart)
list(LENGTH files n)
if(n LESS 400)
	message(FATAL_ERROR "found ${n} files only")
endif()

set(cited "")
foreach(path IN LISTS files)
	file(READ ${path} text)
	file(RELATIVE_PATH name ${ROOT} ${path})
	if("${text}" MATCHES "(domain|reliability|matching|design|peers|desks|registers|roadmap)\\.md")
		list(APPEND wrong "${name} cites ${CMAKE_MATCH_0}")
	endif()
	string(REGEX MATCHALL "rules/[a-z0-9-]+" found "${text}")
	foreach(citation IN LISTS found)
		string(SUBSTRING "${citation}" 6 -1 slug)
		if(NOT slug IN_LIST pages)
			list(APPEND wrong "${name} cites ${citation}, which is not there")
		elseif(NOT name MATCHES "^config/rules/" AND NOT name MATCHES "^tests/")
			list(APPEND cited ${slug})
		endif()
	endforeach()
endforeach()

foreach(slug IN LISTS pages)
	set(sources 0)
	set(parts "")
	file(STRINGS ${ROOT}/config/rules/${slug} lines ENCODING UTF-8)
	list(GET lines 0 title)
	if(NOT title MATCHES "^# [ -~]+ · .*[^ -~]")
		list(APPEND wrong "config/rules/${slug} begins with '${title}', not '# title · 中文名'")
	endif()
	foreach(line IN LISTS lines)
		if(line MATCHES "^## (Rule · 规则|Here · 本系统|Source · 依据)$")
			list(APPEND parts ${CMAKE_MATCH_1})
		elseif(line MATCHES "^- ")
			math(EXPR sources "${sources} + 1")
			if(NOT line MATCHES " — (read whole · 已读全文|read in part · 已读节选|not verified · 未核对|own · 本系统自定)$")
				list(APPEND wrong "config/rules/${slug}: how far it was read is not said: ${line}")
			elseif(CMAKE_MATCH_1 MATCHES "^not" AND line MATCHES "art\\.|arts\\.|第.*条")
				list(APPEND wrong "config/rules/${slug}: an article that was not verified: ${line}")
			endif()
		endif()
	endforeach()
	if(NOT parts STREQUAL "Rule · 规则;Here · 本系统;Source · 依据" OR sources EQUAL 0)
		list(APPEND wrong "config/rules/${slug} lacks a part: it has ${parts}, and ${sources} sources")
	endif()
	if(NOT slug IN_LIST cited)
		list(APPEND wrong "config/rules/${slug} is cited nowhere")
	endif()
endforeach()
if(wrong)
	list(REMOVE_DUPLICATES wrong)
	list(JOIN wrong "\n  " text)
	message(FATAL_ERROR "the rules:\n  ${text}")
endif()
message(STATUS "every rule that is cited is there, and cited")
