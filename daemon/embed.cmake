# A file as an array of C: cmake -DFROM=file -DTO=file.c -DNAME=name -P embed.cmake
# (An array, not a string: the standard promises strings of 4,095 bytes only.)

cmake_minimum_required(VERSION 3.25)

file(READ ${FROM} bytes HEX)
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
string(REGEX REPLACE "(................................................................................)"
	"\\1\n" bytes "${bytes}")
file(WRITE ${TO}.new "extern const unsigned char ${NAME}[];\nconst unsigned char ${NAME}[] = {\n${bytes}0x00\n};\n")
file(RENAME ${TO}.new ${TO})
