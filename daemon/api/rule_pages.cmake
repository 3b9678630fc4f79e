# The pages of config/rules as one C source:
#   cmake -DFROM=<folder> -DTO=<file.c> -P rule_pages.cmake
# A page is small, its first line is "# title · 中文名", and its file is named as it is cited.

cmake_minimum_required(VERSION 3.25)

set(PAGE_MAX 6000)
file(GLOB pages RELATIVE ${FROM} ${FROM}/*)
list(SORT pages)
set(arrays "")
set(rows "")
set(list "")
set(n 0)
foreach(slug IN LISTS pages)
	file(SIZE ${FROM}/${slug} size)
	file(STRINGS ${FROM}/${slug} title LIMIT_COUNT 1 ENCODING UTF-8)
	if(NOT slug MATCHES "^[a-z0-9-]+$")
		message(FATAL_ERROR "config/rules/${slug}: small letters, digits and hyphens only")
	elseif(size GREATER PAGE_MAX)
		message(FATAL_ERROR "config/rules/${slug}: ${size} bytes, more than ${PAGE_MAX}")
	elseif(NOT title MATCHES "^# [^\"\\]+ · [^\"\\]+$")
		message(FATAL_ERROR "config/rules/${slug}: begins with '${title}', not '# title · 中文名'")
	endif()
	string(SUBSTRING "${title}" 2 -1 title)
	file(READ ${FROM}/${slug} bytes HEX)
	string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
	string(APPEND arrays "static const unsigned char page_${n}[] = { ${bytes}0x00 };\n")
	string(APPEND rows "\t{ \"${slug}\", (const char *)page_${n} },\n")
	string(APPEND list "/rules/${slug}\t${title}\n")
	math(EXPR n "${n} + 1")
endforeach()
string(HEX "${list}" list)
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," list "${list}")
file(WRITE ${TO}.new "#include \"daemon/api/rule_pages.h\"\n\n${arrays}\n"
	"const struct rule_page rule_pages[] = {\n${rows}};\nconst size_t n_rule_pages = ${n};\n"
	"const unsigned char rule_list[] = { ${list}0x00 };\n")
file(RENAME ${TO}.new ${TO})
