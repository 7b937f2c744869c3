/* Timestamps that a topic does not take.
 *
 * A result carries its record's timestamp. But brokers count retention by timestamps, so results of
 * old records would be deleted within minutes, and they refuse records too far in the future (an hour,
 * by default). Such a timestamp is replaced by now, and the original goes into a header.
 */
#include "kafka/retime.h"

#include "base/number.h"

/* Brokers compare with their own clock when the record arrives: later than now, and maybe skewed. */
enum { SKEW_MS = 10000 };

const mr_kafka_topic_limits mr_kafka_default_limits = {
    .max_message_bytes = 1048588,
    .retention_ms = 7LL * 24 * 3600 * 1000,
    .before_max_ms = INT64_MAX,
    .after_max_ms = 3600 * 1000,
    .append_time = false,
};

bool mr_kafka_must_retime(const mr_kafka_topic_limits *limits, int64_t timestamp, int64_t now) {
    if (timestamp < 0 || limits->append_time) return false; /* the broker writes its own */
    if (timestamp > now) return timestamp - now > limits->after_max_ms - SKEW_MS;
    int64_t age = now - timestamp;
    if (limits->before_max_ms < INT64_MAX && age > limits->before_max_ms - SKEW_MS) return true;
    return limits->retention_ms >= 0 && age >= limits->retention_ms;
}

mr_header mr_original_timestamp(int64_t timestamp, char text[32]) {
    size_t size = mr_print_integer(text, timestamp);
    return (mr_header){.name = "millrace.timestamp", .value = {.data = text, .size = size}};
}
