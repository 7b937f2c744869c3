/* Lanes: vectors of WIDTH doubles and their exponential, included once for each width, and lanes_end.h after.
 *
 * The includer sets WIDTH (2, or 4), TARGET (the attribute of a function that may use the processor's
 * instructions for it) and MULTIPLY_ADD(a, b, c), a * b + c there. LANES(x) names what belongs to the width.
 */
#if WIDTH == 4
#define LANES(name)      name##_4
#define EACH_CONSTANT(x) {x, x, x, x}
#define ALL(x)           (_mm256_movemask_pd((__m256d)(x)) == 15)
#else
#define LANES(name)      name##_2
#define EACH_CONSTANT(x) {x, x}
#define ALL(x)           (((x)[0] & (x)[1]) != 0)
#endif

typedef double LANES(numbers) __attribute__((vector_size(8 * WIDTH)));
typedef int64_t LANES(words) __attribute__((vector_size(8 * WIDTH)));
#define numbers LANES(numbers)
#define words   LANES(words)
#define ALWAYS  TARGET static inline __attribute__((always_inline))
#define EACH(x) ((numbers)EACH_CONSTANT(x))

ALWAYS numbers LANES(get)(const double *from) {
    numbers x;
    memcpy(&x, from, sizeof x);
    return x;
}
ALWAYS void LANES(put)(double *to, numbers x) {
    memcpy(to, &x, sizeof x);
}

/* exp: x = n ln 2 + r, |r| <= ln 2 / 2, then 1 + r + r^2 q(r), q of the ninth degree through the ten points
 * of Chebyshev: 2^-55 off at most, a series takes two terms more. n goes into the exponent. What the exponent
 * has no room for, and NaN, is libm's. */
static const numbers LANES(constants)[] = {
    EACH_CONSTANT(M_LOG2E),
    EACH_CONSTANT(-0x1.62e42fefa38p-1),
    EACH_CONSTANT(-0x1.ef35793c7673p-45),
    EACH_CONSTANT(0x1.8p52),
    EACH_CONSTANT(700.0),
    EACH_CONSTANT(1),
    EACH_CONSTANT(0x1.0000000000001p-1),
    EACH_CONSTANT(0x1.5555555555556p-3),
    EACH_CONSTANT(0x1.5555555553d37p-5),
    EACH_CONSTANT(0x1.11111111109a6p-7),
    EACH_CONSTANT(0x1.6c16c1789d1d7p-10),
    EACH_CONSTANT(0x1.a01a01a7cebcdp-13),
    EACH_CONSTANT(0x1.a019b8ca26fcfp-16),
    EACH_CONSTANT(0x1.71de0d85293b8p-19),
    EACH_CONSTANT(0x1.2891d4ffbb0f9p-22),
    EACH_CONSTANT(0x1.af390ba7e6f47p-26),
};

ALWAYS numbers LANES(exponentials)(numbers x) {
    const numbers *c = LANES(constants);
    __asm__("" : "+r"(c)); /* operands in memory, not registers filled each time */
    words within = (numbers)((words)x & INT64_MAX) <= c[4];
    numbers t = MULTIPLY_ADD(x, c[0], c[3]), n = t - c[3];
    numbers r = MULTIPLY_ADD(n, c[1], x); /* ln 2 in two parts: n times the first is exact */
    r = MULTIPLY_ADD(n, c[2], r);
    numbers r2 = r * r, r4 = r2 * r2, p0 = r + c[5], p2 = MULTIPLY_ADD(r, c[7], c[6]);
    numbers p4 = MULTIPLY_ADD(r, c[9], c[8]), p6 = MULTIPLY_ADD(r, c[11], c[10]);
    numbers p8 = MULTIPLY_ADD(r, c[13], c[12]), p10 = MULTIPLY_ADD(r, c[15], c[14]);
    p0 = MULTIPLY_ADD(p2, r2, p0), p4 = MULTIPLY_ADD(p6, r2, p4), p8 = MULTIPLY_ADD(p10, r2, p8);
    p4 = MULTIPLY_ADD(p8, r4, p4);
    p0 = MULTIPLY_ADD(p4, r4, p0);
    numbers result = (numbers)((words)p0 + ((words)t << 52));
    if (__builtin_expect(!ALL(within), 0))
        for (int i = 0; i < WIDTH; i++)
            if (!within[i]) result[i] = exp(x[i]);
    return result;
}
