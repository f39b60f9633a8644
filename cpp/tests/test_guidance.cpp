#include "handloop/guidance.hpp"

#include <doctest/doctest.h>

#include <limits>

#include "handloop/controller.hpp"
#include "support.hpp"

namespace handloop::testing::guidance {
namespace {

Guidance of_two() { return {joints({-1.0, -1.0}), joints({1.0, 1.0}), kPeriod}; }

JointVector led(const Guidance& guidance, const JointVector& posture) {
  JointVector out;
  guidance.lead(posture, out);
  return out;
}

TEST_CASE("guidance is reached on a straight line and kept") {
  Guidance guidance = of_two();
  CHECK_FALSE(guidance.given());
  guidance.set(joints({0.4, 0.0}), 2.0, 0.01);
  for (int i = 1; i <= 20; ++i) {
    guidance.move();
    const double part = std::min(i / 10.0, 1.0);
    CHECK(led(guidance, joints({0.1, 0.2}))[0] == doctest::Approx(0.1 + 0.4 * part));
    CHECK(guidance.grip_scale() == doctest::Approx(1.0 + part));
  }
  CHECK(guidance.grip_scale() == 2.0);
  guidance.set(joints({-0.4, 0.0}), 2.0, 0.0);
  guidance.move();
  CHECK(led(guidance, joints({0.1, 0.2}))[0] == 0.1 - 0.4);
  guidance.reset();
  CHECK_FALSE(guidance.given());
  CHECK(guidance.grip_scale() == 1.0);
}

TEST_CASE("guidance leads no joint out of its range, and leaves alone what it does not lead") {
  Guidance guidance = of_two();
  guidance.set(joints({0.4, 0.0}), 1.0, 0.0);
  guidance.move();
  const JointVector out = led(guidance, joints({0.9, 1.7}));
  CHECK(out[0] == 1.0);
  CHECK(out[1] == 1.7);
}

TEST_CASE("what cannot be followed is refused") {
  Guidance guidance = of_two();
  const JointVector none = JointVector::Zero(2);
  CHECK_THROWS_AS(guidance.set(joints({0.0}), 1.0, 0.0), std::invalid_argument);
  CHECK_THROWS_AS(guidance.set(joints({kNan, 0.0}), 1.0, 0.0), std::invalid_argument);
  CHECK_THROWS_AS(guidance.set(none, -0.1, 0.0), std::invalid_argument);
  CHECK_THROWS_AS(guidance.set(none, kInfinity, 0.0), std::invalid_argument);
  CHECK_THROWS_AS(guidance.set(none, 1.0, -0.1), std::invalid_argument);
  CHECK_THROWS_AS(guidance.set(none, 1.0, kNan), std::invalid_argument);
  CHECK_FALSE(guidance.given());
}

Controller holding() {
  const HandModel hand = pinch_hand();
  Controller controller(hand, config_for(hand));
  JointTrajectory t;
  t.add(0.0, joints({0.05, 0.05}));
  controller.set_trajectory(t);
  return controller;
}

TEST_CASE("a guided controller holds the joints elsewhere and grips as much harder") {
  Controller plain = holding(), guided = holding();
  guided.guide(joints({0.02, 0.0}), 1.5, 0.0);
  for (int i = 0; i < 100; ++i) {
    HandState state = still(2, kPeriod * i);
    const JointVector torque = plain.tick(state, state.time).torque;
    const JointVector other = guided.tick(state, state.time).torque;
    CHECK((other - torque - joints({20.0 * 0.02, 0.0})).norm() < 1e-12);
    CHECK(guided.grip().level() == plain.grip().level());
    CHECK(guided.wanted_force(0) == 1.5 * plain.wanted_force(0));
  }
  guided.guide(joints({0.0, 0.0}), 1e6, 0.0);
  guided.tick(still(2, 0.1), 0.1);
  CHECK(guided.wanted_force(0) == GripConfig().force_max);
  guided.reset();
  CHECK(guided.grip().wanted_force(0) == GripConfig().level_min);
}

TEST_CASE("guidance that asks for nothing changes no bit") {
  Controller plain = holding(), guided = holding();
  guided.guide(JointVector::Zero(2), 1.0, 0.02);
  Drill first(plain), second(guided);
  for (int i = 1; i < 1500; ++i) {
    const JointVector torque = plain.tick(first.step(i), first.now()).torque;
    CHECK(guided.tick(second.step(i), second.now()).torque == torque);
  }
}

TEST_CASE("in HOLD the joints stay where they are, whatever the guidance says") {
  Controller controller = holding();
  controller.guide(joints({0.5, 0.5}), 1.0, 0.0);
  HandState state = still(2, 0.0);
  controller.tick(state, 0.0);
  state.time = 0.001;
  state.sequence = 1;
  state.dq = joints({1000.0, 0.0});  // too fast
  controller.tick(state, 0.001);
  REQUIRE(controller.safety().state() == SafetyState::kHold);
  state.time = 0.002;
  state.sequence = 2;
  state.dq.setZero();
  controller.guide(joints({0.7, 0.7}), 1.0, 0.0);
  CHECK(controller.tick(state, 0.002).torque.norm() < 1e-12);
}

}  // namespace
}  // namespace handloop::testing::guidance
