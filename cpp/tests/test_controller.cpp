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
    if (now < 0.019) CHECK(controller.safety().state() == State::kDegraded);
  }
}

TEST_CASE("a late velocity still says what the world does to a joint") {
  const HandModel hand = pinch_hand();
  ControllerConfig config = config_for(hand);
  config.observer.force_source = ForceSource::kMotors;
  config.law.damping.setZero();  // so that both are told the same
  Controller late(hand, config);
  config.safety.hold_after = 0.02;
  Controller prompt(hand, config);
  for (int i = 0; i < 200; ++i) {
    HandState state = still(2, kPeriod * i);
    state.q[0] = 2.0 * std::sin(0.02 * i) / 20.0;
    state.dq[0] = 2.0 * std::cos(0.02 * i);
    prompt.tick(state, state.time + 0.01);
    late.tick(state, state.time + 0.01);
  }
  const auto felt = [](const Controller& c) {
    return c.force_estimate().observer().external_torque();
  };
  CHECK(felt(late).norm() > 0.5);
  CHECK((felt(late) - felt(prompt)).norm() < 1e-12);
}

TEST_CASE("a hand that feels by its motors does not crush either") {
  const HandModel hand = pinch_hand();
  ControllerConfig config = config_for(hand);
  config.observer.force_source = ForceSource::kMotors;
  config.safety.contact_force_max = 1.0;
  Controller controller(hand, config);
  JointTrajectory t;
  t.add(0.0, JointVector::Zero(2));
  t.add(0.2, JointVector::Constant(2, 0.2));
  controller.set_trajectory(t);
  std::set<State> states;
  for (int i = 0; i < 1000; ++i) {  // held fast by what stands between the pads
    controller.tick(still(2, kPeriod * i), kPeriod * i);
    states.insert(controller.safety().state());
  }
  CHECK(controller.safety().fault() == Fault::kOverForce);
  CHECK(states == std::set{State::kOk, State::kHold, State::kLimp});
}

// Motors on a rail that a fast joint generates more than.
ControllerConfig with_motors(const HandModel& hand) {
  ControllerConfig config = config_for(hand);
  config.motors.count = hand.joint_count;
  for (Motor& m : config.motors.motor) {
    m.resistance = m.back_emf = 1.0;
    m.current_max = 4.0;
    m.friction.coulomb = 2.0;
  }
  config.motors.rail[0] = {.voltage = 12.0, .resistance = 0.1, .voltage_min = 8.0};
  return config;
}

TEST_CASE("a limp hand is told no torque, no current and no duty, however it is turned") {
  const HandModel hand = pinch_hand();
  Controller controller(hand, with_motors(hand));
  HandState state = still(2, 0.0);
  state.dq = joints({20.0, -20.0});
  const HandCommand driven = controller.tick(state, 0.0);
  CHECK(driven.current == joints({-4.0, 4.0}));  // brakes with all the current there may be
  CHECK(driven.effort == driven.current);
  CHECK(driven.duty.norm() > 0.0);
  controller.request_stop();
  state.time = kPeriod;
  const HandCommand& limp = controller.tick(state, kPeriod);
  CHECK(limp.effort.norm() + limp.current.norm() + limp.duty.norm() == 0.0);
}

TEST_CASE("no motor that turns a joint is told more than the joint may get") {
  const HandModel hand = pinch_hand();
  ControllerConfig config = with_motors(hand);
  config.motors.friction_compensation = 1.0;
  for (Motor& m : config.motors.motor) m.current_max = kInfinity;
  config.motors.rail[0] = {};
  config.safety.torque_max = joints({3.0, 8.0});
  Controller controller(hand, config);
  JointTrajectory t;
  t.add(0.0, JointVector::Constant(2, 2.0));
  controller.set_trajectory(t);
  HandState state = still(2, 0.0);
  state.dq = joints({5.0, 0.0});
  controller.tick(state, 0.0);
  state.time = kPeriod;
  CHECK(controller.tick(state, kPeriod).effort[0] == 3.0);
  config.transmission.bounds = {joints({-2.0, -9.0}), joints({0.0, 0.0}), joints({2.0, 9.0})};
  Controller bounded(hand, config);
  bounded.set_trajectory(t);
  bounded.tick(state, kPeriod);
  CHECK(bounded.command().effort[0] == 2.0);
}

TEST_CASE("an effort that is no number ends limp, and says so") {
  const HandModel hand = pinch_hand();
  for (const bool motors : {false, true}) {
    ControllerConfig config = motors ? with_motors(hand) : config_for(hand);
    config.transmission.kind = TransmissionKind::kCoupled;
    config.transmission.coupling = ActuatorMatrix::Identity(2, 2);
    config.transmission.coupling(0, 1) = kNan;
    config.transmission.bounds = {joints({-8.0, -8.0}), joints({0.0, 0.0}), joints({8.0, 8.0})};
    Controller controller(hand, config);
    HandState state = still(2, 0.0);
    state.q = joints({0.1, 0.1});
    const HandCommand& command = controller.tick(state, 0.0);
    CHECK(controller.safety().state() == State::kLimp);
    CHECK(controller.safety().fault() == Fault::kEffortNotANumber);
    CHECK(command.torque.norm() == 0.0);
    CHECK(command.effort.norm() + command.current.norm() + command.duty.norm() == 0.0);
  }
}

// A pinch of which either pad can lift what it holds, too.
HandModel lifting_pinch() {
  HandModel hand = pinch_hand();
  hand.joint_count = 4;
  hand.link[2] = hand.link[1];
  for (const int i : {0, 2}) {
    Link& lift = hand.link[static_cast<std::size_t>(i + 1)];
    lift = {};
    lift.kind = JointKind::kSlide;
    lift.parent = i;
    lift.axis = Vec3::UnitZ();
    lift.mass = 0.1;
    hand.tip[static_cast<std::size_t>(i / 2)].link = i + 1;
  }
  return hand;
}

TEST_CASE("in HOLD an object is held as it was, along its surface, too") {
  const HandModel hand = lifting_pinch();
  ControllerConfig config = config_for(hand);
  config.law.integral_gain = {};
  Controller controller(hand, config);
  TaskPlan plan;
  plan.add({.time = 0.1, .kind = TaskKind::kObject});
  controller.set_plan(plan);
  JointTrajectory rest;
  rest.add(0.0, JointVector::Zero(4));
  controller.set_trajectory(rest);
  HandState state = still(4, 0.0);
  JointVector before, after;
  for (int i = 0; i < 2000; ++i) {
    state.time = kPeriod * i;
    state.contact[0] = pressed(2.0, 0.8);
    state.contact[1] = pressed(2.0, -0.8);  // the tangents of the two pads are opposite
    if (i == 1500) before = controller.command().torque;
    if (i == 1500) state.temperature = JointVector::Constant(4, 80.0);
    after = controller.tick(state, state.time).torque;
  }
  REQUIRE(controller.safety().state() == State::kHold);
  REQUIRE(controller.wanted_force(0) > 0.5);
  HandKinematics kinematics(hand);
  const JointVector weight = kinematics.gravity_torque();
  REQUIRE(std::abs(before[1] - weight[1]) > 0.5);
  CHECK((after - before).norm() < 1e-3);
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
    CHECK(controller.command().limp == !controller.safety().torque_allowed());
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

TEST_CASE("reset starts anew, to the bit, also where a task would fade in") {
  Controller used = make_controller(), fresh = make_controller();
  TaskPlan plan;
  plan.add({.time = 0.0, .kind = TaskKind::kFingertips});
  used.set_plan(plan);
  fresh.set_plan(plan);
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
