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

typedef double LANES(lanes) __attribute__((vector_size(8 * WIDTH)));
typedef int64_t LANES(marks) __attribute__((vector_size(8 * WIDTH)));
#define lanes   LANES(lanes)
#define marks   LANES(marks)
#define ALWAYS  TARGET static inline __attribute__((always_inline))
#define EACH(x) ((lanes)EACH_CONSTANT(x))

ALWAYS lanes LANES(get)(const double *from) {
    lanes x;
    memcpy(&x, from, sizeof x);
    return x;
}
ALWAYS void LANES(put)(double *to, lanes x) {
    memcpy(to, &x, sizeof x);
}

/* exp: x = n ln 2 + r, |r| <= ln 2 / 2, then 1 + r + r^2 q(r), q of the ninth degree through the ten points
 * of Chebyshev: 2^-55 off at most, a series takes two terms more. n goes into the exponent. What the exponent
 * has no room for, and NaN, is libm's. */
static const lanes LANES(constants)[] = {
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

ALWAYS lanes LANES(exponentials)(lanes x) {
    const lanes *c = LANES(constants);
    __asm__("" : "+r"(c)); /* operands in memory, not registers filled each time */
    marks within = (lanes)((marks)x & INT64_MAX) <= c[4];
    lanes t = MULTIPLY_ADD(x, c[0], c[3]), n = t - c[3];
    lanes r = MULTIPLY_ADD(n, c[1], x); /* ln 2 in two parts: n times the first is exact */
    r = MULTIPLY_ADD(n, c[2], r);
    lanes r2 = r * r, r4 = r2 * r2, p0 = r + c[5], p2 = MULTIPLY_ADD(r, c[7], c[6]);
    lanes p4 = MULTIPLY_ADD(r, c[9], c[8]), p6 = MULTIPLY_ADD(r, c[11], c[10]);
    lanes p8 = MULTIPLY_ADD(r, c[13], c[12]), p10 = MULTIPLY_ADD(r, c[15], c[14]);
    p0 = MULTIPLY_ADD(p2, r2, p0), p4 = MULTIPLY_ADD(p6, r2, p4), p8 = MULTIPLY_ADD(p10, r2, p8);
    p4 = MULTIPLY_ADD(p8, r4, p4);
    p0 = MULTIPLY_ADD(p4, r4, p0);
    lanes result = (lanes)((marks)p0 + ((marks)t << 52));
    if (__builtin_expect(!ALL(within), 0))
        for (int i = 0; i < WIDTH; i++)
            if (!within[i]) result[i] = exp(x[i]);
    return result;
}

/* As mr_softmax (link.h), of WIDTH rows; a value is a column. */
TARGET static inline void LANES(softmax)(double *out, uint32_t count, size_t stride) {
    lanes greatest = LANES(get)(out), sum = EACH(0);
    for (uint32_t i = 1; i < count; i++) {
        lanes x = LANES(get)(out + i * stride);
        marks more = x > greatest;
        greatest = (lanes)(((marks)x & more) | ((marks)greatest & ~more));
    }
    for (uint32_t i = 0; i < count; i++) {
        double *at = out + i * stride;
        lanes x = LANES(exponentials)(LANES(get)(at) - greatest);
        LANES(put)(at, x);
        sum += x;
    }
    for (uint32_t i = 0; i < count; i++) LANES(put)(out + i * stride, LANES(get)(out + i * stride) / sum);
}

/* The same of one row; its `count` values have room for a multiple of WIDTH. */
TARGET static inline void LANES(softmax_one)(double *out, uint32_t count) {
    double greatest = out[0], sum = 0;
    for (uint32_t i = 1; i < count; i++) greatest = out[i] > greatest ? out[i] : greatest;
    for (uint32_t i = count; i % WIDTH; i++) out[i] = greatest;
    for (uint32_t i = 0; i < count; i += WIDTH)
        LANES(put)(out + i, LANES(exponentials)(LANES(get)(out + i) - EACH(greatest)));
    for (uint32_t i = 0; i < count; i++) sum += out[i];
    for (uint32_t i = 0; i < count; i += WIDTH) LANES(put)(out + i, LANES(get)(out + i) / EACH(sum));
}
