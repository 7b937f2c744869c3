/* Scores two wines with a model: one by one, then as columns.
 *
 *   c++ -std=c++17 score.cpp -o score $(pkg-config --cflags --libs libmillrace-model)
 *   ./score data/models/wine-2-regression.pmml
 */
#include <iostream>
#include <millrace/model.hpp>

int main(int argc, char **argv) {
    if (argc != 2) {
        std::cerr << "usage: score MODEL.pmml\n";
        return 2;
    }
    try {
        const millrace::Model model(argv[1]);
        for (std::uint32_t i = 0; i < model.shape().input_count; i++)
            std::cout << (i ? ", " : "inputs: ") << model.shape().inputs[i].name;
        std::cout << '\n';

        millrace::RowScorer scorer(model);
        const millrace::Row row = scorer.score({{"alcohol", 13.9}, {"malic acid", 1.7}, {"color_intensity", 5.0}});
        std::cout << "one: " << (row.missing("cultivar") ? "missing" : row.text("cultivar")) << "\n";

        const std::vector<double> alcohol{13.9, 12.3}, malic_acid{1.7, 1.1}, color{5.0, 2.3};
        millrace::Batch batch(
            model, millrace::Columns().add("alcohol", alcohol).add("malic acid", malic_acid).add("color_intensity", color));
        batch.score();
        for (std::uint32_t i = 0; i < batch.rows(); i++)
            std::cout << "row " << i << ": " << (batch.ok(i) ? batch.text("cultivar", i) : batch.error(i)) << '\n';
    } catch (const millrace::Error &error) {
        std::cerr << error.what() << '\n';
        return 1;
    }
}
