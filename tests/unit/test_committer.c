/* The at-least-once committer: when it commits, what it repeats, what its hooks may put off. */
#include "lane_fixture.h"

static void commits_each_interval(void **state) {
    (void)state;
    mr_source *source = double_source_new(2, 8);
    mr_committer *committer;
    assert_int_equal(mr_at_least_once_new(source, 100, &committer, NULL), MR_OK);
    committer->ops->assigned(committer, 0);
    assert_int_equal(committer->ops->commit(committer, 1000, false, NULL), MR_OK);
    committer->ops->acknowledged(committer, 0, 5);
    committer->ops->commit(committer, 1099, false, NULL);
    assert_int_equal(double_source_committed(source, 0), -1);
    committer->ops->commit(committer, 1100, false, NULL);
    assert_int_equal(double_source_committed(source, 0), 5);
    committer->ops->acknowledged(committer, 0, 4); /* never back */
    committer->ops->commit(committer, 1200, false, NULL);
    assert_int_equal(double_source_committed(source, 0), 5);
    committer->ops->acknowledged(committer, 0, 9);
    committer->ops->commit(committer, 1201, true, NULL);
    assert_int_equal(double_source_committed(source, 0), 9);
    committer->ops->close(committer);
    source->ops->close(source);
}

static void revocation_commits_unless_lost(void **state) {
    (void)state;
    for (int lost = 0; lost < 2; lost++) {
        mr_source *source = double_source_new(2, 8);
        mr_committer *committer;
        assert_int_equal(mr_at_least_once_new(source, 100, &committer, NULL), MR_OK);
        committer->ops->assigned(committer, 0);
        committer->ops->assigned(committer, 1);
        committer->ops->acknowledged(committer, 0, 5);
        committer->ops->acknowledged(committer, 1, 6);
        committer->ops->revoked(committer, 0, lost);
        assert_int_equal(double_source_committed(source, 0), lost ? -1 : 5);
        assert_int_equal(double_source_committed(source, 1), -1);
        committer->ops->commit(committer, 0, true, NULL);
        assert_int_equal(double_source_committed(source, 0), lost ? -1 : 5); /* forgotten */
        assert_int_equal(double_source_committed(source, 1), 6);
        committer->ops->close(committer);
        source->ops->close(source);
    }
}

typedef struct hooks {
    bool refuse;
    int64_t before, after;
} hooks;

static mr_status before(void *context, int32_t partition, int64_t offset, mr_error *error) {
    hooks *self = context;
    self->before = offset;
    return self->refuse ? mr_fail(error, MR_IO, "store", "partition %d is not written", (int)partition)
                        : MR_OK;
}

static void after(void *context, int32_t partition, int64_t offset) {
    (void)partition;
    ((hooks *)context)->after = offset;
}

static void hooks_come_before_and_after(void **state) {
    (void)state;
    mr_source *source = double_source_new(1, 8);
    mr_committer *committer;
    mr_error error;
    hooks context = {.refuse = true};
    assert_int_equal(mr_at_least_once_new(source, 100, &committer, NULL), MR_OK);
    committer->listener = (mr_committer_listener){&context, before, after};
    committer->ops->assigned(committer, 0);
    committer->ops->acknowledged(committer, 0, 5);
    assert_int_equal(committer->ops->commit(committer, 0, false, &error), MR_IO);
    assert_string_equal(error.message, "partition 0 is not written");
    assert_int_equal(double_source_committed(source, 0), -1);
    assert_int_equal(context.after, 0);
    context.refuse = false;
    assert_int_equal(committer->ops->commit(committer, 100, false, &error), MR_OK);
    assert_int_equal(context.after, 5);
    committer->ops->acknowledged(committer, 0, 7);
    double_source_fail_commits(source, MR_TIMEOUT, 1);
    assert_int_equal(committer->ops->commit(committer, 200, false, &error), MR_TIMEOUT);
    assert_int_equal(context.after, 5);
    assert_int_equal(committer->ops->commit(committer, 300, false, &error), MR_OK);
    assert_int_equal(double_source_committed(source, 0), 7);
    committer->ops->close(committer);
    source->ops->close(source);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(commits_each_interval),
        cmocka_unit_test(revocation_commits_unless_lost),
        cmocka_unit_test(hooks_come_before_and_after),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
