#include "handloop/bus/derating.hpp"

#include <doctest/doctest.h>

#include <limits>

namespace handloop::testing::derating {
namespace {

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

double at(double celsius) {
  bus::Derating derating;
  derating.feel(0.0, 1.0, celsius, 0.001);
  return derating.allowance();
}

TEST_CASE("heat takes torque away on a straight line, from all at 65 to half at 75 to none at 85") {
  CHECK(at(25.0) == 1.0);
  CHECK(at(65.0) == 1.0);
  CHECK(at(70.0) == doctest::Approx(0.75));
  CHECK(at(75.0) == doctest::Approx(0.5));
  CHECK(at(85.0) == doctest::Approx(0.0));
  CHECK(at(120.0) == 0.0);
  CHECK(at(kUnknown) == 1.0);
}

TEST_CASE("a current beyond what was told takes half, not at once, and it comes back slowly") {
  bus::Derating derating;
  const auto draw = [&](double amps, int milliseconds) {
    for (int n = 0; n < milliseconds; ++n) derating.feel(amps, 0.4, kUnknown, 0.001);
    return derating.allowance();
  };
  CHECK(draw(0.49, 1000) == 1.0);
  CHECK(draw(-0.6, 45) == 1.0);
  CHECK(draw(0.1, 1) == 1.0);
  CHECK(draw(-0.6, 45) == 1.0);  // two short ones are no long one
  CHECK(draw(-0.6, 10) == 0.5);
  CHECK(draw(0.1, 500) == doctest::Approx(0.75));
  CHECK(draw(0.1, 600) == 1.0);
}

TEST_CASE("without a limit no current is too much") {
  bus::Derating derating;
  for (int n = 0; n < 1000; ++n) derating.feel(100.0, 0.0, kUnknown, 0.001);
  CHECK(derating.allowance() == 1.0);
}

}  // namespace
}  // namespace handloop::testing::derating
