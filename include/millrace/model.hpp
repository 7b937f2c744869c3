/* Millrace for C++17: model.h behind objects that free what they own and throw what fails. Header only.
 *
 *   millrace::Model model("wine.pmml");
 *   millrace::RowScorer scorer(model);
 *   millrace::Row row = scorer.score({{"alcohol", 13.2}, {"country", "Chile"}});
 *   row.text("cultivar"), row.number("probability(1)")
 *
 *   millrace::Batch batch(model, millrace::Columns().add("alcohol", alcohol).add("country", country));
 *   batch.score();                        as often as the arrays have new content
 *   batch.text("cultivar", 0), batch.number("probability(1)", 0)
 *
 * A Model may be shared by threads; a RowScorer or a Batch belongs to one at a time.
 */
#ifndef MILLRACE_MODEL_HPP
#define MILLRACE_MODEL_HPP

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "millrace/model.h"

namespace millrace {

class Error : public std::runtime_error {
  public:
    explicit Error(const mr_error &error)
        : std::runtime_error((error.where[0] ? std::string(error.where) + ": " : std::string()) + error.message),
          status_(error.status) {}
    Error(mr_status status, const std::string &message) : std::runtime_error(message), status_(status) {}
    mr_status status() const noexcept { return status_; }

  private:
    mr_status status_;
};

namespace detail {
template <auto release> struct Release {
    template <typename T> void operator()(T *owned) const noexcept { release(owned); }
};
template <typename T, auto release> using Owned = std::unique_ptr<T, Release<release>>;

inline void check(mr_status status, const mr_error &error) {
    if (status != MR_OK) throw Error(error);
}
inline mr_text view(std::string_view text) { return {text.data(), static_cast<std::uint32_t>(text.size()), 0}; }
} // namespace detail

/* A loaded model. Copies share it. */
class Model {
  public:
    explicit Model(const std::string &path) {
        mr_error error;
        detail::check(mr_model_load_file(path.c_str(), nullptr, nullptr, &model_, &error), error);
    }
    static Model from_memory(std::string_view text, const std::string &name = "model") {
        Model made;
        mr_error error;
        detail::check(mr_model_load(text.data(), text.size(), nullptr, name.c_str(), nullptr, &made.model_, &error),
                      error);
        return made;
    }
    Model(const Model &other) noexcept : model_(mr_model_retain(other.model_)) {}
    Model(Model &&other) noexcept : model_(std::exchange(other.model_, nullptr)) {}
    Model &operator=(Model other) noexcept {
        std::swap(model_, other.model_);
        return *this;
    }
    ~Model() { mr_model_release(model_); }

    const mr_model_shape &shape() const noexcept { return *mr_model_get_shape(model_); }
    mr_model *get() const noexcept { return model_; }

    /* Index of the output of that name; throws when there is none. */
    std::uint32_t output(std::string_view name) const {
        for (std::uint32_t i = 0; i < shape().output_count; i++)
            if (name == shape().outputs[i].name) return i;
        throw Error(MR_NOT_FOUND, "the model has no output \"" + std::string(name) + "\"");
    }

  private:
    Model() = default;
    mr_model *model_ = nullptr;
};

/* An input of one row: a number, a text (borrowed), or nothing. */
class Value {
  public:
    Value() : value_(mr_missing()) {}
    Value(std::nullopt_t) : Value() {}
    Value(double number) : value_(mr_number(number)) {}
    Value(int number) : value_(mr_number(number)) {}
    Value(std::string_view text) : value_(mr_missing()) {
        value_.type = MR_TYPE_STRING;
        value_.missing = false;
        value_.as.text = detail::view(text);
    }
    Value(const char *text) : Value(std::string_view(text)) {}
    Value(const std::string &text) : Value(std::string_view(text)) {}
    const mr_value &get() const noexcept { return value_; }

  private:
    mr_value value_;
};

/* The outputs of one row: valid until the scorer scores again. */
class Row {
  public:
    Row(const Model &model, const std::vector<mr_value> &values) : model_(&model), values_(&values) {}
    const mr_value &value(std::string_view output) const { return (*values_)[model_->output(output)]; }
    bool missing(std::string_view output) const { return value(output).missing; }
    double number(std::string_view output) const {
        const mr_value &v = value(output);
        if (!v.missing && v.type == MR_TYPE_DOUBLE) return v.as.number;
        if (!v.missing && v.type == MR_TYPE_INTEGER) return static_cast<double>(v.as.integer);
        if (!v.missing && v.type == MR_TYPE_BOOLEAN) return v.as.boolean;
        throw Error(MR_WRONG_TYPE, std::string(output) + (v.missing ? " is missing" : " is no number"));
    }
    std::string_view text(std::string_view output) const {
        const mr_value &v = value(output);
        if (!v.missing && v.type == MR_TYPE_STRING) return {v.as.text.data, v.as.text.size};
        throw Error(MR_WRONG_TYPE, std::string(output) + (v.missing ? " is missing" : " is no text"));
    }

  private:
    const Model *model_;
    const std::vector<mr_value> *values_;
};

/* Scores rows one by one; inputs that are not given are missing. */
class RowScorer {
  public:
    explicit RowScorer(const Model &model)
        : model_(model), inputs_(model.shape().input_count), outputs_(model.shape().output_count) {
        mr_error error;
        mr_row_scorer *made;
        detail::check(mr_row_scorer_new(model.get(), &made, &error), error);
        scorer_.reset(made);
    }
    Row score(std::initializer_list<std::pair<const char *, Value>> inputs) {
        mr_error error;
        for (mr_value &input : inputs_) input = mr_missing();
        for (const auto &input : inputs) {
            std::uint32_t index = mr_row_scorer_input(scorer_.get(), input.first);
            if (index == MR_NO_FIELD)
                throw Error(MR_NOT_FOUND, "the model has no input \"" + std::string(input.first) + "\"");
            inputs_[index] = input.second.get();
        }
        detail::check(mr_row_scorer_score(scorer_.get(), inputs_.data(), outputs_.data(), &error), error);
        return Row(model_, outputs_);
    }

  private:
    Model model_;
    std::vector<mr_value> inputs_, outputs_;
    detail::Owned<mr_row_scorer, mr_row_scorer_free> scorer_;
};

/* Named arrays, one value a row. Borrows them: they must outlive the Batch. */
class Columns {
  public:
    /* `stride`: bytes from a row to the next. */
    Columns &add(std::string name, const double *data, std::size_t rows, std::size_t stride = sizeof(double)) {
        return add(std::move(name), MR_TYPE_DOUBLE, data, rows, stride, nullptr);
    }
    Columns &add(std::string name, const std::vector<double> &numbers) {
        return add(std::move(name), numbers.data(), numbers.size());
    }
    Columns &add(std::string name, const std::vector<std::string> &texts) {
        return add(std::move(name), MR_TYPE_STRING, nullptr, texts.size(), sizeof(mr_text), &texts);
    }
    /* The column added last: present (0), missing (1) or invalid (2), one byte a row. Borrows. */
    Columns &states(const std::vector<std::uint8_t> &states) {
        columns_.back().states = &states;
        return *this;
    }

  private:
    friend class Batch;
    struct Column {
        std::string name;
        mr_type type;
        const void *data;
        std::size_t rows, stride;
        const std::vector<std::string> *texts;
        const std::vector<std::uint8_t> *states;
    };
    Columns &add(std::string name, mr_type type, const void *data, std::size_t rows, std::size_t stride,
                 const std::vector<std::string> *texts) {
        columns_.push_back({std::move(name), type, data, rows, stride, texts, nullptr});
        return *this;
    }
    std::vector<Column> columns_;
};

/* Columns bound to a model, and the results of the last score(). */
class Batch {
  public:
    Batch(const Model &model, Columns columns) : model_(model), columns_(std::move(columns.columns_)) {
        std::vector<mr_field> fields;
        for (const auto &c : columns_) {
            bool text = c.type == MR_TYPE_STRING;
            fields.push_back({c.name.c_str(), c.type, text ? MR_CATEGORICAL : MR_CONTINUOUS});
            if (c.rows != columns_[0].rows || (c.states && c.states->size() != c.rows))
                throw Error(MR_INVALID_ARGUMENT, "column \"" + c.name + "\" has another number of rows");
        }
        rows_ = columns_.empty() ? 0 : static_cast<std::uint32_t>(columns_[0].rows);
        bind(fields);
        texts_.resize(columns_.size());
        outcomes_.resize(rows_);
    }

    const Batch &score() {
        mr_error error;
        std::vector<mr_column> columns;
        for (std::size_t i = 0; i < columns_.size(); i++) {
            const auto &c = columns_[i];
            void *data = c.texts ? code(i, *c.texts) : const_cast<void *>(c.data);
            auto *states = c.states ? const_cast<std::uint8_t *>(c.states->data()) : nullptr;
            columns.push_back({c.type, data, c.stride, states, 1});
        }
        mr_frame in = {columns.data(), static_cast<std::uint32_t>(columns.size()), rows_};
        out_->row_count = rows_;
        mr_scratch_reset(scratch_.get());
        detail::check(
            mr_score_all(binding_.get(), &in, out_.get(), outcomes_.data(), scratch_.get(), &error), error);
        return *this;
    }

    std::uint32_t rows() const noexcept { return out_->row_count; } /* of groups: how many there are */
    bool ok(std::uint32_t row) const { return outcomes_.at(row).status == MR_OK; }
    std::string error(std::uint32_t row) const {
        const mr_row_result &outcome = outcomes_.at(row);
        return outcome.message ? outcome.message : mr_status_meaning(outcome.status);
    }
    bool missing(std::string_view output, std::uint32_t row) const {
        return !ok(row) || !mr_cell_present(&column(output), row);
    }
    double number(std::string_view output, std::uint32_t row) const {
        const mr_column &c = column(output);
        const void *cell = present(output, row);
        if (c.type == MR_TYPE_DOUBLE) return *static_cast<const double *>(cell);
        if (c.type == MR_TYPE_FLOAT) return static_cast<double>(*static_cast<const float *>(cell));
        if (c.type == MR_TYPE_INTEGER) return static_cast<double>(*static_cast<const std::int64_t *>(cell));
        if (c.type == MR_TYPE_BOOLEAN) return *static_cast<const std::uint8_t *>(cell);
        throw Error(MR_WRONG_TYPE, std::string(output) + " is no number");
    }
    /* Valid until the next score(). */
    std::string_view text(std::string_view output, std::uint32_t row) const {
        if (column(output).type != MR_TYPE_STRING) throw Error(MR_WRONG_TYPE, std::string(output) + " is no text");
        const auto *text = static_cast<const mr_text *>(present(output, row));
        return {text->data, text->size};
    }
    const mr_column &column(std::string_view output) const { return out_->columns[model_.output(output)]; }

  private:
    void bind(const std::vector<mr_field> &fields) {
        mr_error error;
        mr_schema *schema;
        detail::check(mr_schema_new(fields.data(), static_cast<std::uint32_t>(fields.size()), &schema, &error), error);
        schema_.reset(schema);
        mr_binding *binding;
        detail::check(mr_model_bind(model_.get(), schema, nullptr, 0, &binding, &error), error);
        binding_.reset(binding);
        mr_frame *out;
        detail::check(mr_binding_new_output(binding, rows_, &out, &error), error);
        out_.reset(out);
        mr_scratch *scratch;
        detail::check(mr_scratch_new(4096, &scratch, &error), error);
        scratch_.reset(scratch);
    }
    void *code(std::size_t column, const std::vector<std::string> &texts) {
        if (texts.size() != rows_) throw Error(MR_INVALID_ARGUMENT, "a column's number of rows has changed");
        texts_[column].resize(rows_);
        for (std::size_t row = 0; row < rows_; row++) {
            mr_text &text = texts_[column][row] = detail::view(texts[row]);
            text.code = mr_schema_code(schema_.get(), text.data, text.size);
        }
        return texts_[column].data();
    }
    const void *present(std::string_view output, std::uint32_t row) const {
        if (!ok(row)) throw Error(outcomes_[row].status, error(row));
        if (missing(output, row)) throw Error(MR_WRONG_TYPE, std::string(output) + " is missing");
        return mr_cell(&column(output), row);
    }

    Model model_;
    std::vector<Columns::Column> columns_;
    std::uint32_t rows_ = 0;
    std::vector<std::vector<mr_text>> texts_;
    std::vector<mr_row_result> outcomes_;
    detail::Owned<mr_schema, mr_schema_release> schema_;
    detail::Owned<mr_binding, mr_binding_free> binding_;
    detail::Owned<mr_frame, mr_frame_free> out_;
    detail::Owned<mr_scratch, mr_scratch_free> scratch_;
};

} // namespace millrace

#endif
