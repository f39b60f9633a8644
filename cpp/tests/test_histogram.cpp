#include "handloop/histogram.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

#include "support.hpp"

namespace handloop::testing::histogram {
namespace {

TEST_CASE("quantiles are those of the sorted data, to 1/64") {
  Random random(40);
  for (const double spread : {0.1, 1.0, 4.0}) {
    Histogram histogram;
    std::vector<double> values;
    for (int i = 0; i < 20000; ++i) {
      const double value = std::floor(std::exp(8.0 + spread * random.normal()));
      values.push_back(value);
      histogram.record(static_cast<std::int64_t>(value));
    }
    std::sort(values.begin(), values.end());
    CHECK(histogram.count() == values.size());
    CHECK(static_cast<double>(histogram.max()) == values.back());
    for (const double fraction : {0.001, 0.5, 0.9, 0.99, 0.999, 1.0}) {
      const auto rank =
          static_cast<std::size_t>(std::ceil(fraction * static_cast<double>(values.size())) - 1.0);
      CHECK(histogram.quantile(fraction) == doctest::Approx(values[rank]).epsilon(1.0 / 64.0));
    }
  }
}

TEST_CASE("no quantile is beyond the maximum") {
  Histogram histogram;
  for (int i = 0; i < 10; ++i) histogram.record(8192);  // the first of a bucket of 128
  CHECK(histogram.quantile(0.5) <= 8192.0);
  CHECK(histogram.quantile(1.0) <= 8192.0);
}

TEST_CASE("small, large, negative and no values") {
  Histogram histogram;
  CHECK(histogram.quantile(0.5) == 0.0);
  for (int i = 0; i < 128; ++i) histogram.record(i);
  CHECK(histogram.quantile(0.5) == 63.0);
  CHECK(histogram.quantile(0.0) == 0.0);
  histogram.clear();
  CHECK(histogram.count() == 0);
  CHECK(histogram.max() == 0);
  histogram.record(-5);
  CHECK(histogram.quantile(1.0) == 0.0);
  histogram.record(std::numeric_limits<std::int64_t>::max());
  CHECK(histogram.quantile(1.0) == doctest::Approx(0x1p63).epsilon(1.0 / 64.0));
}

}  // namespace
}  // namespace handloop::testing::histogram
