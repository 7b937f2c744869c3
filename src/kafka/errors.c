/* librdkafka's errors as statuses.
 *
 * The status decides what becomes of a record, by its action: what passes by itself is tried
 * again, what this one message causes is dead-lettered, what the next message would meet as well
 * stops the partition. An unknown error stops: neither lost nor tried for ever.
 */
#include "kafka/client.h"

mr_status mr_kafka_status(rd_kafka_resp_err_t code) {
    switch (code) {
    case RD_KAFKA_RESP_ERR_NO_ERROR:
        return MR_OK;

    case RD_KAFKA_RESP_ERR__QUEUE_FULL:
        return MR_FULL;

    case RD_KAFKA_RESP_ERR__TIMED_OUT:
    case RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE:
    case RD_KAFKA_RESP_ERR__MSG_TIMED_OUT:
    case RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT:
        return MR_TIMEOUT;

    case RD_KAFKA_RESP_ERR__TRANSPORT:
    case RD_KAFKA_RESP_ERR__RESOLVE:
    case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:
    case RD_KAFKA_RESP_ERR__WAIT_COORD:
    case RD_KAFKA_RESP_ERR__WAIT_CACHE:
    case RD_KAFKA_RESP_ERR__IN_PROGRESS:
    case RD_KAFKA_RESP_ERR__PREV_IN_PROGRESS:
    case RD_KAFKA_RESP_ERR__RETRY:
    case RD_KAFKA_RESP_ERR__NODE_UPDATE:
    case RD_KAFKA_RESP_ERR__NOENT:
    case RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION:
    case RD_KAFKA_RESP_ERR_BROKER_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_REPLICA_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_NETWORK_EXCEPTION:
    case RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS:
    case RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_NOT_COORDINATOR:
    case RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS:
    case RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS_AFTER_APPEND:
    case RD_KAFKA_RESP_ERR_NOT_CONTROLLER:
    case RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR:
    case RD_KAFKA_RESP_ERR_FENCED_LEADER_EPOCH:
    case RD_KAFKA_RESP_ERR_UNKNOWN_LEADER_EPOCH:
    case RD_KAFKA_RESP_ERR_THROTTLING_QUOTA_EXCEEDED:
        return MR_UNAVAILABLE;

    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_INVALID_MSG_SIZE:
        return MR_TOO_LARGE;

    case RD_KAFKA_RESP_ERR_INVALID_MSG:
    case RD_KAFKA_RESP_ERR_INVALID_RECORD:
    case RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP:
    case RD_KAFKA_RESP_ERR_POLICY_VIOLATION:
        return MR_INVALID_VALUE;
    case RD_KAFKA_RESP_ERR_UNSUPPORTED_FOR_MESSAGE_FORMAT:
    case RD_KAFKA_RESP_ERR_UNSUPPORTED_COMPRESSION_TYPE:
        return MR_UNSUPPORTED;

    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
        return MR_NOT_FOUND;

    case RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS:
        return MR_CONFLICT;

    case RD_KAFKA_RESP_ERR__FATAL:
    case RD_KAFKA_RESP_ERR__FENCED:
    case RD_KAFKA_RESP_ERR__ASSIGNMENT_LOST:
    case RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION:
    case RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID:
    case RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS:
    case RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID:
    case RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH:
    case RD_KAFKA_RESP_ERR_UNKNOWN_PRODUCER_ID:
    case RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER:
        return MR_LOST;

    case RD_KAFKA_RESP_ERR__PURGE_QUEUE:
    case RD_KAFKA_RESP_ERR__PURGE_INFLIGHT:
    case RD_KAFKA_RESP_ERR__DESTROY:
        return MR_CANCELLED;

    case RD_KAFKA_RESP_ERR__INVALID_ARG:
        return MR_INVALID_ARGUMENT;
    default:
        return MR_IO;
    }
}

/* What an operator can do about errors that nothing repairs by itself. */
static const char *advice(rd_kafka_resp_err_t code) {
    switch (code) {
    case RD_KAFKA_RESP_ERR__AUTHENTICATION:
    case RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED:
        return ": check kafka.sasl.username and kafka.sasl.password (librdkafka before 2.6.1 cannot do "
               "SCRAM with Kafka 4: use a newer one, or PLAIN over TLS)";
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
        return ": the user lacks permission on the topic";
    case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
        return ": the user lacks permission on the group (application.id)";
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
        return ": the user lacks permission on the cluster (an idempotent producer needs "
               "IDEMPOTENT_WRITE with brokers before 2.8)";
    case RD_KAFKA_RESP_ERR__SSL:
        return ": check kafka.ssl.ca.location and the certificates";
    default:
        return "";
    }
}

mr_status mr_kafka_fail(mr_error *error, rd_kafka_resp_err_t code, const char *where, const char *doing,
                        const char *reason) {
    const char *text = rd_kafka_err2str(code);
    if (reason == NULL || *reason == '\0')
        return mr_fail(error, mr_kafka_status(code), where, "%s: %s%s", doing, text, advice(code));
    return mr_fail(error, mr_kafka_status(code), where, "%s: %s (%s)%s", doing, text, reason, advice(code));
}

mr_status mr_kafka_no_answer(mr_error *error, const mr_kafka_trouble *trouble, rd_kafka_resp_err_t code,
                             const char *where) {
    mr_error ours;
    if (trouble->code == RD_KAFKA_RESP_ERR__AUTHENTICATION || trouble->code == RD_KAFKA_RESP_ERR__SSL)
        code = trouble->code; /* why there is no connection; the call only knows that there is none */
    mr_kafka_fail(&ours, code, where, "no Kafka broker answers", trouble->reason);
    return mr_fail(error, MR_UNAVAILABLE, where, "%s", ours.message);
}
