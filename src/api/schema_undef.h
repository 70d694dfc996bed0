/* Between two passes over the .def files: forgets what the last pass made of their words. */
#undef STRUCTURE
#undef LIST
#undef LIST_SIZED
#undef MAP
#undef MAP_SIZED
#undef TEXT
#undef TEXT_LIKE
#undef ENUM
#undef ENUM_NOCASE
#undef RANGE
#undef MUST
#undef MAY
