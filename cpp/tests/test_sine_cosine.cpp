#include "handloop/sine_cosine.hpp"

#include <doctest/doctest.h>

#include "support.hpp"

namespace handloop::testing::sine_cosine {
namespace {

TEST_CASE("sine and cosine are those of the library to an ulp, on every side of the circle") {
  constexpr double kUlp = std::numeric_limits<double>::epsilon();
  double worst = 0.0;
  for (int i = -20000; i <= 20000; ++i) {
    const double angle = 1e-3 * i;
    const SineCosine s = handloop::sine_cosine(angle);
    worst =
        std::max({worst, std::abs(s.sine - std::sin(angle)), std::abs(s.cosine - std::cos(angle))});
  }
  CHECK(worst <= kUlp);
}

TEST_CASE("large angles keep their digits") {
  for (const double angle : {99999.9, -54321.0, 1e5, 1e9, -1e300}) {
    const SineCosine s = handloop::sine_cosine(angle);
    CHECK(s.sine == doctest::Approx(std::sin(angle)).epsilon(1e-12));
    CHECK(s.cosine == doctest::Approx(std::cos(angle)).epsilon(1e-12));
  }
}

TEST_CASE("no angle gives no number") {
  CHECK(std::isnan(handloop::sine_cosine(kNan).sine));
  CHECK(std::isnan(handloop::sine_cosine(std::numeric_limits<double>::infinity()).cosine));
}

}  // namespace
}  // namespace handloop::testing::sine_cosine
