#include "handloop/controller.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cstring>
#include <set>

#include "support.hpp"

namespace handloop::testing::controller {
namespace {

using State = SafetyState;

Controller make_controller() {
  const HandModel hand = pinch_hand();
  Controller controller(hand, config_for(hand));
  JointTrajectory t;
  t.add(0.1, joints({0.0, 0.0}));
  t.add(0.6, joints({0.1, 0.1}));
  controller.set_trajectory(t);
  return controller;
}

TEST_CASE("in free air the torque is the impedance about the trajectory") {
  Controller controller = make_controller();
  HandState state = still(2, 0.35);
  state.q = joints({0.02, 0.03});
  state.dq = joints({0.1, -0.2});
  const JointVector torque = controller.tick(state, 0.35).torque;
  CHECK((torque - (20.0 * (joints({0.05, 0.05}) - state.q) - 0.5 * state.dq)).norm() < 1e-12);
}

TEST_CASE("a finger that touches presses with what the grip wants") {
  Controller controller = make_controller();
  for (int i = 0; i < 200; ++i) {
    HandState state = still(2, kPeriod * i);
    state.contact[0] = state.contact[1] = pressed(1.0);
    const JointVector torque = controller.tick(state, state.time).torque;
    if (i > 10) CHECK(torque[0] == doctest::Approx(controller.grip().wanted_force(0)));
  }
  CHECK(controller.task().holding());
}

TEST_CASE("an old velocity is not damped on") {
  Controller controller = make_controller();
  HandState state = still(2, 0.0);
  state.dq = joints({5.0, -5.0});
  const JointVector young = controller.tick(state, 0.0).torque;
  CHECK(young[0] == doctest::Approx(-2.5));
  for (double now = 0.006; now < 0.09; now += kPeriod) {
    CHECK(controller.tick(state, now).torque.norm() < 1e-12);
  }
}

TEST_CASE("in HOLD a finger that loses touch stops pressing") {
  Controller controller = make_controller();
  HandState state = still(2, 0.0);
  for (int i = 0; i < 200; ++i) {
    state.time = kPeriod * i;
    state.contact[0] = state.contact[1] = pressed(1.0);
    controller.tick(state, state.time);
  }
  state.dq[0] = 100.0;
  state.time += kPeriod;
  controller.tick(state, state.time);
  REQUIRE(controller.safety().state() == State::kHold);
  state.contact = {};
  state.dq[0] = 0.0;
  JointVector torque;
  for (int i = 0; i < 100; ++i) {
    state.time += kPeriod;
    torque = controller.tick(state, state.time).torque;
  }
  CHECK(torque.norm() < 1e-9);
}

TEST_CASE("a silent sensor does not wind up the force") {
  Controller controller = make_controller();
  HandState state = still(2, 0.0);
  for (int i = 0; i < 200; ++i) {
    state.time = kPeriod * i;
    state.contact[0] = state.contact[1] = pressed(0.5);
    controller.tick(state, state.time);
  }
  const double gap = 0.021;  // stale from here on
  const JointVector first = controller.tick(state, state.time + gap).torque;
  JointVector last = first;
  for (int i = 1; i < 4; ++i) last = controller.tick(state, state.time + gap + kPeriod * i).torque;
  CHECK((last - first).norm() < 1e-12);
}

TEST_CASE("the drill passes through every state, and no torque is ever beyond its limit") {
  Controller controller = make_controller();
  Drill drill(controller);
  std::set<State> states;
  std::set<Fault> faults;
  int slips = 0;
  for (int i = 0; i < 2 * Drill::kCycle; ++i) {
    const HandState& sample = drill.step(i);
    const JointVector& torque = controller.tick(sample, drill.now()).torque;
    states.insert(controller.safety().state());
    faults.insert(controller.safety().fault());
    slips = std::max(slips, controller.grip().slip_count());
    CHECK(torque.allFinite());
    CHECK(torque.cwiseAbs().maxCoeff() <= 8.0);
    if (!controller.safety().torque_allowed()) CHECK(torque.norm() == 0.0);
  }
  CHECK(states.size() == 5);
  CHECK(faults == std::set{Fault::kNone, Fault::kNotANumber, Fault::kStale, Fault::kJointLimit,
                           Fault::kOverSpeed, Fault::kPositionJump, Fault::kOverForce,
                           Fault::kOverTemperature, Fault::kEmergencyStop});
  CHECK(slips >= 2);
}

TEST_CASE("the same input gives the same bits") {
  Controller a = make_controller(), b = make_controller();
  Drill left(a), right(b);
  for (int i = 0; i < Drill::kCycle; ++i) {
    const JointVector& x = a.tick(left.step(i), left.now()).torque;
    const JointVector& y = b.tick(right.step(i), right.now()).torque;
    REQUIRE(std::memcmp(x.data(), y.data(), sizeof(double) * 2) == 0);
  }
}

TEST_CASE("reset starts anew, to the bit") {
  Controller used = make_controller(), fresh = make_controller();
  Drill drill(used);
  for (int i = 0; i < 650; ++i) used.tick(drill.step(i), drill.now());
  used.reset();
  Drill left(used), right(fresh);
  for (int i = 1; i < 650; ++i) {
    const JointVector& x = used.tick(left.step(i), left.now()).torque;
    const JointVector& y = fresh.tick(right.step(i), right.now()).torque;
    REQUIRE(std::memcmp(x.data(), y.data(), sizeof(double) * 2) == 0);
  }
}

TEST_CASE("a gap is bridged on the last good sample") {
  Controller controller = make_controller();
  HandState state = still(2, 0.0);
  state.q = joints({0.03, 0.01});
  const JointVector before = controller.tick(state, 0.0).torque;
  state.q.setConstant(kNan);
  state.time = 0.001;
  CHECK((controller.tick(state, 0.001).torque - before).norm() == 0.0);
  CHECK(controller.safety().state() == State::kDegraded);
}

TEST_CASE("HOLD keeps posture and grip as they were") {
  Controller controller = make_controller();
  HandState state = still(2, 0.0);
  for (int i = 0; i < 20; ++i) {
    state.time = kPeriod * i;
    if (i > 5) state.time -= 0.05;
    controller.tick(state, kPeriod * i);
  }
  REQUIRE(controller.safety().state() == State::kHold);
  const JointVector reference = controller.task().reference();
  for (int i = 20; i < 1000; ++i) {  // good samples again, and the trajectory would go on
    state.time = kPeriod * i;
    controller.tick(state, state.time);
  }
  CHECK(controller.safety().state() == State::kHold);
  CHECK((controller.task().reference() - reference).norm() == 0.0);
  state.q = joints({0.01, 0.0});
  CHECK(controller.tick(state, 1.0).torque[0] == doctest::Approx(20.0 * (reference[0] - 0.01)));
}

// A number of any size, now and then none at all.
double anything(Random& random) {
  static constexpr std::array kSpecial = {kNan, kInfinity, -kInfinity, 1e308, -1e308, 0.0};
  if (random.uniform() < 0.01) return kSpecial[static_cast<std::size_t>(random.uniform() * 5.99)];
  return random.normal() * std::pow(10.0, 3.0 * random.uniform() - 2.0);
}

TEST_CASE("whatever comes in, what goes out is finite and within the limits") {
  const HandModel hand = random_hand(30);
  Controller controller(hand, config_for(hand));
  Random random(31);
  std::set<State> states;
  for (int i = 0; i < 30000; ++i) {
    if (i % 20 == 0) controller.reset();
    HandState s = still(hand.joint_count, kPeriod * i);
    const bool tame = random.uniform() < 0.7;
    for (double& q : s.q) q = tame ? random.normal() : anything(random);
    for (double& dq : s.dq) dq = tame ? random.normal() : anything(random);
    for (FingerContact& c : s.contact) {
      c.touching = random.uniform() < 0.7;
      for (Vec3* v : {&c.force, &c.position, &c.normal, &c.tangent}) {
        for (double& x : *v) x = tame ? 3.0 * random.normal() : anything(random);
      }
      c.slip_speed = tame ? 0.01 * random.normal() : anything(random);
    }
    const double now = random.uniform() < 0.01 ? anything(random) : s.time;
    const JointVector& torque = controller.tick(s, now).torque;
    states.insert(controller.safety().state());
    REQUIRE(torque.allFinite());
    REQUIRE(torque.cwiseAbs().maxCoeff() <= 8.0);
  }
  CHECK(states.size() == 4);  // all but STOPPED
}

TEST_CASE("a law that gives no number ends limp, and says so") {
  const HandModel hand = pinch_hand();
  ControllerConfig config = config_for(hand);
  config.law.stiffness[1] = kNan;
  Controller controller(hand, config);
  CHECK(controller.tick(still(2, 0.0), 0.0).torque.norm() == 0.0);
  CHECK(controller.safety().state() == State::kLimp);
  CHECK(controller.safety().fault() == Fault::kTorqueNotANumber);
}

}  // namespace
}  // namespace handloop::testing::controller
