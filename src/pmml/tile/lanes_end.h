/* Behind what lanes.h begins. */
#undef lanes
#undef marks
#undef ALWAYS
#undef EACH
#undef EACH_CONSTANT
#undef ALL
#undef LANES
#undef WIDTH
#undef TARGET
#undef MULTIPLY_ADD
