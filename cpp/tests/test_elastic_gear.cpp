#include "handloop/actuator/elastic_gear.hpp"

#include <doctest/doctest.h>

#include <numbers>

#include "support.hpp"

namespace handloop::testing::elastic_gear {
namespace {

using actuator::ElasticGear;

// A rotor and a free joint behind it, stepped as MuJoCo steps the joint.
struct Pair {
  double stiffness = 100.0, backlash = 0.01, step = 1e-4;
  double rotor = 4e-3, joint = 1e-3;  // [kg m2]
  Friction friction{};
  ElasticGear gear{stiffness, backlash, step};
  double q = 0.0, dq = 0.0;

  void advance(double torque = 0.0, double load = 0.0) {
    gear.drive(torque, rotor, dq, friction);
    dq += step * (gear.push(dq) + load) / (joint + gear.follows());
    q += step * dq;
    gear.move(q, dq, friction);
  }
  double momentum() const { return rotor * gear.speed() + joint * dq; }
  double energy() const {
    const double wound = std::max(std::abs(gear.offset()) - 0.5 * backlash, 0.0);
    return 0.5 * rotor * gear.speed() * gear.speed() + 0.5 * joint * dq * dq +
           0.5 * stiffness * wound * wound;
  }
};

TEST_CASE("a rotor that lands keeps momentum, and never gains energy") {
  Pair pair;
  pair.gear.reset(0.0, 1.0);
  const double start = pair.energy();
  for (int i = 0; i < 2000; ++i) {
    pair.advance();
    CHECK(pair.momentum() == doctest::Approx(pair.rotor).epsilon(1e-9));
    CHECK(pair.energy() <= start * (1.0 + 1e-9));
  }
  CHECK(pair.energy() < 0.999 * start);
}

TEST_CASE("without play, rotor and joint swing at the frequency of two masses on a spring") {
  Pair pair{.backlash = 0.0, .step = 1e-5};
  pair.gear.reset(0.0, 0.1);
  int crossings = 0, last = 0;
  double lead = 0.0;
  for (int i = 0; i < 20000; ++i) {
    pair.advance();
    if (lead < 0.0 && pair.gear.offset() >= 0.0) {
      ++crossings;
      last = i;
    }
    lead = pair.gear.offset();
  }
  const double reduced = pair.rotor * pair.joint / (pair.rotor + pair.joint);
  const double period = 2.0 * std::numbers::pi * std::sqrt(reduced / pair.stiffness);
  CHECK(pair.step * last / crossings == doctest::Approx(period).epsilon(0.02));
}

TEST_CASE("friction holds a wound-up gear, and a load within it turns nothing") {
  Pair pair{.step = 1e-3};
  pair.friction.coulomb = 0.1;
  pair.gear.reset(0.0, 0.0);
  for (int i = 0; i < 3000; ++i) pair.advance(0.0, -0.05 - 0.2 * pair.dq);
  CHECK(pair.gear.speed() == 0.0);
  CHECK(pair.gear.offset() == doctest::Approx(0.005 + 0.05 / pair.stiffness).epsilon(1e-6));
  for (int i = 0; i < 1000; ++i) pair.advance(0.0, -0.15 - 0.2 * pair.dq);
  CHECK(pair.q < -0.05);
}

}  // namespace
}  // namespace handloop::testing::elastic_gear
