/* The ways of scoring that are chosen when a model is loaded and bound. All give the same bits (but for
 * neural_tile.c, and exponentials of the general way, which are libm's); tests take some away, so that each
 * is held to the others on any machine. */
#ifndef MR_PMML_KERNELS_H
#define MR_PMML_KERNELS_H

typedef enum mr_kernel {
    MR_KERNEL_PERFECT = 1, /* forest_perfect.c */
    MR_KERNEL_DIRECT = 2,  /* direct.c */
    MR_KERNEL_TILES = 4,   /* tile.c */
    MR_KERNEL_AVX2 = 8,    /* what needs AVX2, or AVX2 and FMA */
} mr_kernel;

/* Those that may be chosen; to be set before a model is loaded and bound, by a test or
 * by `millrace bench score --portable`. All by default. */
extern unsigned mr_kernels;

#endif
