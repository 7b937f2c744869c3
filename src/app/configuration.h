/* Configuration: every key of Millrace, in one list.
 *
 * From the list come the struct below, the reading of the file, the flags, `--help` and
 * docs/configuration.md (base/options.h does it all). To add a key, add a row, use its member, and run
 * tools/check-docs --write.
 *
 * A row: type, section, member, key, default, help, then bounds or what stands for the value.
 */
#ifndef MR_APP_CONFIGURATION_H
#define MR_APP_CONFIGURATION_H

#include "base/options.h"

#define MR_SERVICE "Service"
#define MR_KAFKA   "Kafka"
#define MR_RECORDS "Records"
#define MR_MODELS  "Models"
#define MR_RESULTS "Results"
#define MR_HTTP    "HTTP"
#define MR_LOG     "Log"

/* clang-format off */
#define MR_CONFIGURATION(X) \
    X(STRING, MR_SERVICE, application_id, "application.id", "millrace", \
      "Name of the application: the consumer group. Instances of one name share the partitions of the records.", \
      .choices = "NAME") \
    X(STRING, MR_SERVICE, instance_id, "instance.id", NULL, \
      "Name of this instance in state, metrics and dead letters. Not set: the host's name.", \
      .choices = "NAME") \
    X(INTEGER, MR_SERVICE, lanes, "lanes", "1", \
      "Threads that score, each with its own consumer. More than there are partitions gives idle ones.", \
      .low = 1, .high = 256) \
    X(DURATION, MR_SERVICE, commit_interval, "commit.interval", "100ms", \
      "How often offsets are committed, and how long results wait for others at most; a crash repeats about so much.", \
      .low = 1, .high = 60000) \
    X(SIZE, MR_SERVICE, in_flight_bytes, "in_flight.bytes", "16MiB", \
      "Records and results that a lane holds until they are acknowledged; when full it pauses.", \
      .low = 1 << 20, .high = INT64_C(1) << 40) \
    X(INTEGER, MR_SERVICE, in_flight_batches, "in_flight.batches", "1024", \
      "Batches that a lane holds until they are acknowledged.", \
      .low = 2, .high = 65536) \
    X(DURATION, MR_SERVICE, shutdown_timeout, "shutdown.timeout", "30s", \
      "How long a stop waits for results to be acknowledged; what is not is scored again at the next start.", \
      .low = 0, .high = 3600000) \
    \
    X(STRING, MR_KAFKA, bootstrap, "bootstrap", NULL, \
      "Brokers to connect to first; short for the setting kafka.bootstrap.servers.", \
      .choices = "HOST:PORT,...", .letter = 'b') \
    X(MAP, MR_KAFKA, kafka, "kafka", NULL, \
      "Any setting of librdkafka by its own name, as in kafka.security.protocol or -X security.protocol=SSL.", \
      .letter = 'X') \
    X(BOOLEAN, MR_KAFKA, create_topics, "create_topics", "false", \
      "Create topics that are missing. Without it a missing topic is an error.", \
      .letter = 0) \
    X(INTEGER, MR_KAFKA, topics_partitions, "topics.partitions", "4", \
      "Partitions of the records and results topics that are created; the models topic gets one.", \
      .low = 1, .high = 1000) \
    X(PORT, MR_KAFKA, embedded, "embedded", "off", \
      "Start a Kafka broker inside Millrace, for trying out: it keeps 5 MB per partition, in memory only.", \
      .implied = "9092") \
    \
    X(STRING, MR_RECORDS, records_topic, "records.topic", "models_data", \
      "Topic of the records to score.", \
      .choices = "TOPIC") \
    X(CHOICE, MR_RECORDS, records_format, "records.format", "protobuf", \
      "How records are encoded.", \
      .choices = "protobuf|json") \
    X(STRING, MR_RECORDS, records_message, "records.message", "WineRecord", \
      "Protobuf message of the records. WineRecord is built in.", \
      .choices = "NAME") \
    X(STRING, MR_RECORDS, records_type, "records.type", "field:dataType", \
      "Where the data type of a record stands, which picks its model: field:NAME, header:NAME or constant:TYPE.", \
      .choices = "WHERE") \
    X(CHOICE, MR_RECORDS, records_start, "records.start", "earliest", \
      "Where to begin when nothing was committed yet.", \
      .choices = "earliest|latest|error") \
    X(MAP, MR_RECORDS, records_mapping, "records.mapping", NULL, \
      "Names of model inputs and the record fields that feed them, where they differ by more than case, blanks, _ and -.", \
      .choices = "INPUT=FIELD") \
    \
    X(STRING, MR_MODELS, models_topic, "models.topic", "models_models", \
      "Topic of the models; each instance reads all of it.", \
      .choices = "TOPIC") \
    X(CHOICE, MR_MODELS, models_descriptor, "models.descriptor", "auto", \
      "Which of the tutorial's two numberings of model types the messages use; auto tells by the content.", \
      .choices = "auto|tutorial|successor") \
    X(CHOICE, MR_MODELS, models_inputs, "models.inputs", "any", \
      "Which inputs of a model the records must feed: any of them (the others are missing, and logged), or all.", \
      .choices = "any|all") \
    X(SIZE, MR_MODELS, models_limits_bytes, "models.limits.bytes", "1GiB", \
      "Largest model as text.", \
      .low = 1024, .high = INT64_C(1) << 40) \
    X(SIZE, MR_MODELS, models_limits_memory, "models.limits.memory", "4GiB", \
      "Most memory that loading a model may take.", \
      .low = 1 << 20, .high = INT64_C(1) << 40) \
    X(INTEGER, MR_MODELS, models_limits_depth, "models.limits.depth", "512", \
      "Deepest nesting of elements in a model.", \
      .low = 8, .high = 100000) \
    X(INTEGER, MR_MODELS, models_limits_nodes, "models.limits.nodes", "20000000", \
      "Most tree nodes, neurons and the like in a model.", \
      .low = 1, .high = 4000000000) \
    X(CHOICE, MR_MODELS, serving_no_model, "serving.no_model", "drop", \
      "A record whose data type no model serves: drop counts it, hold waits for a model, dead-letter keeps it.", \
      .choices = "drop|hold|dead-letter") \
    X(STRING, MR_MODELS, serving_default_type, "serving.default_type", NULL, \
      "Data type that /state answers for when there are several.", \
      .choices = "TYPE") \
    \
    X(STRING, MR_RESULTS, results_topic, "results.topic", "models_results", \
      "Topic of the results. Partition n of the records goes to partition n: both need the same count.", \
      .choices = "TOPIC") \
    X(CHOICE, MR_RESULTS, results_format, "results.format", "protobuf", \
      "How results are encoded.", \
      .choices = "protobuf|json") \
    X(CHOICE, MR_RESULTS, results_lineage, "results.lineage", "field", \
      "Whether results name the topic, partition and offset of their record.", \
      .choices = "field|off") \
    X(CHOICE, MR_RESULTS, results_timestamp, "results.timestamp", "record", \
      "Timestamp of a result: the record's, or now, which is faster for records without headers.", \
      .choices = "record|now") \
    X(STRING, MR_RESULTS, errors_topic, "errors.topic", "models_errors", \
      "Topic of the dead letters: records and models that could not be processed, and why.", \
      .choices = "TOPIC") \
    \
    X(STRING, MR_HTTP, http_address, "http.address", "127.0.0.1", \
      "Address to listen on; 0.0.0.0 for all.", \
      .choices = "ADDRESS") \
    X(PORT, MR_HTTP, http_port, "http.port", "8080", \
      "Port of state, metrics and health; any picks a free one, off answers nothing.", \
      .letter = 0) \
    X(INTEGER, MR_HTTP, http_connections, "http.connections", "64", \
      "Connections open at once.", \
      .low = 1, .high = 10000) \
    \
    X(CHOICE, MR_LOG, log_level, "log.level", "info", \
      "Least important lines that are logged.", \
      .choices = "error|warn|info|debug") \
    X(CHOICE, MR_LOG, log_format, "log.format", "text", \
      "Lines for people, or a JSON object each.", \
      .choices = "text|json")
/* clang-format on */

typedef struct mr_configuration {
#define MR_CONFIGURATION_MEMBER(type, section, member, ...) mr_value_##type member;
    MR_CONFIGURATION(MR_CONFIGURATION_MEMBER)
#undef MR_CONFIGURATION_MEMBER
} mr_configuration;

extern const mr_option mr_configuration_options[];
extern const size_t mr_configuration_option_count;

/* Values of the CHOICE members, in the order of their rows. */
enum { MR_FORMAT_PROTOBUF, MR_FORMAT_JSON };
enum { MR_LINEAGE_FIELD, MR_LINEAGE_OFF };
enum { MR_RESULT_TIME_RECORD, MR_RESULT_TIME_NOW };
enum { MR_FEED_ANY_INPUT, MR_FEED_ALL_INPUTS };
enum { MR_DROP_WITHOUT_MODEL, MR_HOLD_WITHOUT_MODEL, MR_DEAD_LETTER_WITHOUT_MODEL };

/* records.type, taken apart. */
typedef enum mr_type_place { MR_TYPE_IN_FIELD, MR_TYPE_IN_HEADER, MR_TYPE_FIXED } mr_type_place;

/* `name` borrows from the configuration. False: not of one of the three forms. Any thread. */
bool mr_configuration_record_type(const mr_configuration *configuration, mr_type_place *place,
                                  const char **name);

/* What no single row can say: keys that contradict each other, Kafka settings that librdkafka refuses,
 * bootstrap given twice. Fills in what follows from other keys (instance.id, bootstrap). Each problem
 * names file and line, or flag. `settings` owns what is filled in. Main thread. */
void mr_configuration_check(mr_configuration *configuration, mr_settings *settings, mr_problems *problems);

#endif
