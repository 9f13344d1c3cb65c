# Writes the bytes of a file as C++: cmake -D IN=FILE -D OUT=FILE -P embed.cmake
file(READ ${IN} bytes HEX)
string(REGEX REPLACE "(................................)" "\\1\n" bytes "${bytes}")  # 16 bytes a line
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
file(WRITE ${OUT} "#include \"proto/api_descriptors.h\"

namespace bonnie {

const unsigned char kApiDescriptors[] = {
${bytes}};
const std::size_t kApiDescriptorsSize = sizeof(kApiDescriptors);

}  // namespace bonnie
")
