// The controller's side of friction, with one torque known, against the budget that knows both.

#include "handloop/friction.hpp"

#include <doctest/doctest.h>

#include "support.hpp"

namespace handloop::testing::friction {
namespace {

// M6 of a small servo, and one whose gear takes a third of what passes it.
constexpr Friction kSmall{.coulomb = 0.001,
                          .viscous = 0.01,
                          .load_motor = 0.013,
                          .load_external = 0.011,
                          .stribeck_coulomb = 0.012,
                          .stribeck_load_motor = 0.04,
                          .stribeck_load_external = 0.03,
                          .stribeck_speed = 2.7,
                          .stribeck_exponent = 0.5,
                          .quadratic_motor = 2.8,
                          .quadratic_external = 3.9};
constexpr Friction kHeavy{
    .coulomb = 0.14, .viscous = 0.03, .load_motor = 0.36, .load_external = 0.36};

// Where friction alone takes more than the load, the two load terms are taken to turn round as one.
double tolerated(double friction, double known, double other) {
  return known * other < 0.0 ? 0.01 * friction : 1e-12;
}

TEST_CASE("what a motor must do and what it leaves fit the budget that knows both torques") {
  Random random(31);
  for (int i = 0; i < 4000; ++i) {
    const Friction& f = i % 2 ? kSmall : kHeavy;
    const double way = i % 4 < 2 ? 1.0 : -1.0;
    const double speed = way * std::abs(random.normal()), known = 0.5 * random.normal();
    const double viscous = f.viscous * speed;

    const double asked = f.dry_delivering(speed, known, way);
    const double motor = known + way * asked + viscous;
    REQUIRE(std::abs(f.dry(speed, motor, -known) - asked) < tolerated(asked, known, motor));

    const double taken = f.dry_driven(speed, known, way);
    const double left = known - way * taken - viscous;
    REQUIRE(std::abs(f.dry(speed, known, -left) - taken) < tolerated(taken, known, left));
  }
}

TEST_CASE("without parts that grow with the load it is what it is at rest, to the bit") {
  const Friction f{.coulomb = 0.05, .viscous = 0.3};
  CHECK(f.dry_delivering(0.7, -2.0, 0.4) == 0.05);
  CHECK(f.dry_driven(0.7, -2.0, 0.4) == 0.05);
  const Friction lost{.coulomb = 0.05, .load_external = 0.1};
  CHECK(lost.dry_delivering(0.7, -2.0, 0.4) == 0.05 + 0.1 * 2.0);
}

TEST_CASE("to drive a load takes more than to let it down") {
  const double up = kHeavy.dry_delivering(0.0, 1.0, 1.0);
  const double down = kHeavy.dry_delivering(0.0, 1.0, -1.0);
  CHECK(up == doctest::Approx((0.14 + 0.72) / (1.0 - 0.36)));
  CHECK(down == doctest::Approx((0.14 + 0.72) / (1.0 + 0.36)));
}

TEST_CASE("a gear that locks itself asks for no torque without end") {
  const Friction worm{.coulomb = 0.1, .load_motor = 0.4, .load_external = 1.5};
  CHECK(std::isfinite(worm.dry_driven(0.1, 1.0, -1.0)));
  CHECK(worm.dry_driven(0.1, 1.0, -1.0) > 10.0);
}

}  // namespace
}  // namespace handloop::testing::friction
