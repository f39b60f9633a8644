#include "handloop/custom_law.hpp"

#include <doctest/doctest.h>

#include "support.hpp"

namespace handloop::testing::custom_law {
namespace {

using State = SafetyState;

Controller make_controller(const HandModel& hand = pinch_hand()) {
  Controller controller(hand, config_for(hand));
  JointTrajectory t;
  t.add(0.0, JointVector::Constant(hand.joint_count, 0.1));
  controller.set_trajectory(t);
  return controller;
}

CustomLaw law_of(LawFunction function) {
  CustomLaw law;
  law.function = function;
  law.wants_gravity = law.wants_bias = law.wants_tip_jacobian = true;
  return law;
}

// The impedance of the built-in law, from what a law is given.
void impedance(const LawInput* in) {
  for (std::int64_t i = 0; i < in->joint_count; ++i) {
    in->torque[i] = in->gravity[i] + in->stiffness[i] * (in->reference[i] - in->q[i]) -
                    in->damping[i] * in->dq[i];
  }
}

// What a law was given last.
LawInput seen;
void look(const LawInput* in) { seen = *in; }

void count(const LawInput* in) { in->torque[0] = in->memory[0] += 1.0; }
void fail(const LawInput* in) { in->torque[0] = kNan; }
void push(const LawInput* in) { in->torque[0] = 1e6; }
void gain(const LawInput* in) { in->torque[0] = in->parameters[0]; }

template <typename T>
auto vector(const T* data, int size) {
  return Eigen::Map<const Eigen::Matrix<T, Eigen::Dynamic, 1>>(data, size);
}

TEST_CASE("a custom law takes the place of the built-in one") {
  const HandModel hand = random_hand(3);
  Controller built_in = make_controller(hand), custom = make_controller(hand);
  custom.set_law(law_of(impedance));
  Random random(4);
  for (int i = 0; i < 50; ++i) {
    HandState state = still(hand.joint_count, kPeriod * i);
    state.q = random_joints(random, hand.joint_count, 0.2);
    state.dq = random_joints(random, hand.joint_count, 0.5);
    const JointVector wanted = built_in.tick(state, state.time).torque;
    CHECK((custom.tick(state, state.time).torque - wanted).norm() < 1e-12);
  }
  custom.set_law({});
  HandState state = still(hand.joint_count, 0.05);
  CHECK(custom.tick(state, 0.05).torque == built_in.tick(state, 0.05).torque);
}

TEST_CASE("a law sees what the stages before it found") {
  const HandModel hand = random_hand(5);
  Controller controller = make_controller(hand);
  CustomLaw law = law_of(look);
  law.parameters = {1.0, 2.0, 3.0};
  law.memory_count = 7;
  controller.set_law(law);
  HandState state = still(hand.joint_count, 0.002);
  Random random(6);
  state.q = random_joints(random, hand.joint_count, 0.2);
  state.dq = random_joints(random, hand.joint_count, 0.5);
  state.contact[1] = pressed(2.0, 0.5, 0.01);
  state.contact[1].position = {0.001, 0.002, 0.003};
  for (int i = 0; i < 20; ++i) {
    state.time += kPeriod;
    controller.tick(state, state.time + 0.001);
  }

  CHECK(seen.time == state.time + 0.001);
  CHECK(seen.period == kPeriod);
  CHECK(seen.fresh == 1);
  CHECK(seen.joint_count == hand.joint_count);
  CHECK(seen.finger_count == 2);
  CHECK(seen.parameter_count == 3);
  CHECK(seen.memory_count == 7);
  CHECK(seen.parameters[2] == 3.0);
  CHECK(seen.integral_max == config_for(hand).law.integral_max);
  CHECK(seen.force_max == config_for(hand).grip.force_max);
  const int n = hand.joint_count;
  CHECK(vector(seen.q, n) == state.q);
  CHECK(vector(seen.dq, n) == state.dq);
  CHECK(vector(seen.reference, n) == controller.task().reference());
  CHECK(vector(seen.stiffness, n) == config_for(hand).law.stiffness);
  CHECK(vector(seen.damping, n) == config_for(hand).law.damping);
  CHECK(vector(seen.torque_max, n) == config_for(hand).safety.torque_max);
  CHECK(seen.integral_gain[1] == 10.0);

  HandKinematics kinematics(hand);
  kinematics.update_position(state.q);
  CHECK(vector(seen.gravity, n) == kinematics.gravity_torque());
  CHECK(vector(seen.bias, n) == kinematics.bias_torque(state.dq));
  for (int f = 0; f < 2; ++f) {
    const FingerForce& finger = controller.force_feedback().finger(f);
    CHECK(seen.touching[f] == finger.touching);
    CHECK(seen.gripping[f] == controller.task().gripping(f));
    CHECK(seen.normal_force[f] == finger.normal);
    CHECK(seen.slip_speed[f] == finger.slip_speed);
    CHECK(seen.wanted_force[f] == controller.grip().wanted_force(f));
    CHECK(vector(seen.contact_point + 3 * f, 3) == finger.point);
    CHECK(vector(seen.contact_normal + 3 * f, 3) == finger.direction);
    const Vec3 force = finger.normal * finger.direction + finger.drag;
    CHECK((vector(seen.contact_force + 3 * f, 3) - force).norm() < 1e-12);
    CHECK(vector(seen.tip_position + 3 * f, 3) == kinematics.tip_position(f));
    for (int axis = 0; axis < 3; ++axis) {
      CHECK(vector(seen.tip_jacobian + 3 * n * f + n * axis, n) ==
            kinematics.tip_jacobian(f).row(axis).transpose());
    }
  }
  CHECK(seen.touching[1]);
  CHECK(seen.gripping[1]);
  CHECK_FALSE(seen.touching[0]);
}

TEST_CASE("what a law does not ask for is not computed for it") {
  Controller controller = make_controller();
  CustomLaw law;
  law.function = look;
  controller.set_law(law);
  controller.tick(still(2, 0.0), 0.0);
  CHECK(seen.gravity == nullptr);
  CHECK(seen.bias == nullptr);
  CHECK(seen.tip_jacobian == nullptr);
}

TEST_CASE("a sample that is bridged is not fresh") {
  Controller controller = make_controller();
  controller.set_law(law_of(look));
  controller.tick(still(2, 0.0), 0.0);
  CHECK(seen.fresh == 1);
  HandState bad = still(2, kPeriod);
  bad.q[0] = kNan;
  controller.tick(bad, kPeriod);
  CHECK(controller.safety().state() == State::kDegraded);
  CHECK(seen.fresh == 0);
}

TEST_CASE("a sample that a plant hands out again is not fresh") {
  Controller controller = make_controller();
  controller.set_law(law_of(look));
  HandState state = still(2, 0.0);
  for (const int fresh : {1, 0}) {
    controller.tick(state, 0.0);
    CHECK(seen.fresh == fresh);
  }
  state.sequence = 1;
  for (const int fresh : {1, 0, 0}) {
    controller.tick(state, kPeriod);
    CHECK(seen.fresh == fresh);
  }
  CHECK(controller.safety().state() == State::kOk);
  controller.reset();
  controller.tick(state, kPeriod);
  CHECK(seen.fresh == 1);
}

TEST_CASE("a custom law grips by itself, whatever the plan says") {
  Controller controller = make_controller();
  controller.set_law(law_of(look));
  TaskPlan plan;
  plan.add({.time = 0.0, .kind = TaskKind::kObject});
  controller.set_plan(plan);
  controller.tick(still(2, 0.0), 0.0);
  CHECK(controller.wanted_force(1) == controller.grip().wanted_force(1));
  CHECK(controller.wanted_force(1) > 0.0);
}

TEST_CASE("memory lasts from tick to tick, and a reset or another law clears it") {
  Controller controller = make_controller();
  controller.set_law(law_of(count));
  const auto tick = [&] { return controller.tick(still(2, 0.0), 0.0).torque[0]; };
  CHECK(tick() == 1.0);
  CHECK(tick() == 2.0);
  controller.reset();
  CHECK(tick() == 1.0);
  controller.set_law(law_of(count));
  CHECK(tick() == 1.0);
}

TEST_CASE("parameters are the controller's own copy") {
  Controller controller = make_controller();
  CustomLaw law = law_of(gain);
  law.parameters = {0.5};
  controller.set_law(law);
  law.parameters[0] = 0.7;
  CHECK(controller.tick(still(2, 0.0), 0.0).torque[0] == 0.5);
  controller.set_law(law);
  CHECK(controller.tick(still(2, 0.0), 0.0).torque[0] == 0.7);
}

TEST_CASE("safety has the last word on what a law says") {
  Controller controller = make_controller();
  controller.set_law(law_of(push));
  CHECK(controller.tick(still(2, 0.0), 0.0).torque[0] == 8.0);
  controller.set_law(law_of(fail));
  CHECK(controller.tick(still(2, 0.0), 0.0).torque.norm() == 0.0);
  CHECK(controller.safety().state() == State::kLimp);
  CHECK(controller.safety().fault() == Fault::kTorqueNotANumber);
}

TEST_CASE("in HOLD the built-in law holds the hand") {
  Controller controller = make_controller(), built_in = make_controller();
  controller.set_law(law_of(push));
  HandState state = still(2, 0.0);
  controller.tick(state, 0.0);
  built_in.tick(state, 0.0);
  state.dq[0] = 100.0;  // as a law may well bring about
  state.time = kPeriod;
  const JointVector torque = controller.tick(state, kPeriod).torque;
  CHECK(controller.safety().state() == State::kHold);
  CHECK(torque == built_in.tick(state, kPeriod).torque);
  state.dq.setZero();
  state.q = joints({0.01, -0.01});
  state.time = 2 * kPeriod;
  CHECK(controller.tick(state, state.time).torque.isApprox(-20.0 * state.q));
}

TEST_CASE("a controller keeps the code of its law in being") {
  const auto code = std::make_shared<int>(0);
  {
    Controller controller = make_controller();
    CustomLaw law = law_of(push);
    law.code = code;
    controller.set_law(law);
    law = {};
    CHECK(code.use_count() == 2);
    const Controller copy = controller;
    CHECK(code.use_count() == 3);
  }
  CHECK(code.use_count() == 1);
}

}  // namespace
}  // namespace handloop::testing::custom_law
