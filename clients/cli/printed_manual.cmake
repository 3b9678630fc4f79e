# Writes what the program says of its commands between the marks of a page of the manual.
#   cmake -DPROGRAM=vacancyctl -DPAGE=file -P printed_manual.cmake

execute_process(COMMAND ${PROGRAM} --lang zh manual OUTPUT_VARIABLE commands COMMAND_ERROR_IS_FATAL ANY)
set(begin ".\\\" printed: begin commands\n")
set(end ".\\\" printed: end commands\n")
file(READ ${PAGE} text)
string(FIND "${text}" "${begin}" from)
string(FIND "${text}" "${end}" to)
if(from LESS 0 OR to LESS from)
	message(FATAL_ERROR "${PAGE}: no marks for the commands")
endif()
string(LENGTH "${begin}" length)
math(EXPR from "${from} + ${length}")
string(SUBSTRING "${text}" 0 ${from} before)
string(SUBSTRING "${text}" ${to} -1 behind)
file(WRITE ${PAGE} "${before}${commands}${behind}")
