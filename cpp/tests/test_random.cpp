#include "handloop/random.hpp"

#include <doctest/doctest.h>

namespace handloop::testing::random {
namespace {

constexpr int kDraws = 200000;

TEST_CASE("uniform numbers lie in (0, 1] and are uniform") {
  Random random(1);
  double sum = 0.0, squares = 0.0;
  for (int i = 0; i < kDraws; ++i) {
    const double x = random.uniform();
    REQUIRE(x > 0.0);
    REQUIRE(x <= 1.0);
    sum += x;
    squares += x * x;
  }
  CHECK(sum / kDraws == doctest::Approx(1.0 / 2.0).epsilon(0.005));
  CHECK(squares / kDraws == doctest::Approx(1.0 / 3.0).epsilon(0.01));
}

TEST_CASE("normal numbers have the moments of the normal distribution") {
  Random random(2);
  double moment[5] = {};
  double successive = 0.0, before = 0.0;
  for (int i = 0; i < kDraws; ++i) {
    const double x = random.normal();
    for (int k = 1; k < 5; ++k) moment[k] += std::pow(x, k) / kDraws;
    successive += x * before / kDraws;
    before = x;
  }
  CHECK(std::abs(moment[1]) < 0.01);
  CHECK(moment[2] == doctest::Approx(1.0).epsilon(0.02));
  CHECK(std::abs(moment[3]) < 0.05);
  CHECK(moment[4] == doctest::Approx(3.0).epsilon(0.05));
  CHECK(std::abs(successive) < 0.01);
}

TEST_CASE("the same seed gives the same numbers, another one others") {
  Random a(7), b(7), c(8);
  for (int i = 0; i < 100; ++i) {
    const double x = a.normal();
    CHECK(x == b.normal());
    CHECK(x != c.normal());
  }
}

}  // namespace
}  // namespace handloop::testing::random
