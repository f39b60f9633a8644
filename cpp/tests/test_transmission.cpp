#include "handloop/transmission.hpp"

#include <doctest/doctest.h>

#include "support.hpp"

namespace handloop::testing::transmission {
namespace {

// A wrist with two fingers of two joints: hinges about z in a row, each finger's base beside it.
HandModel two_fingers() {
  HandModel hand;
  hand.joint_count = 5;
  hand.finger_count = 2;
  for (int i = 0; i < 5; ++i) {
    Link& link = hand.link[static_cast<std::size_t>(i)];
    link.parent = i == 3 ? 0 : i - 1;
    link.parent_from_link_position = {0.05,
                                      i == 0   ? 0.0
                                      : i == 1 ? 0.02
                                      : i == 3 ? -0.02
                                               : 0.0,
                                      0.0};
  }
  hand.tip[0] = {2, Vec3::Zero(), Mat3::Identity()};
  hand.tip[1] = {4, Vec3::Zero(), Mat3::Identity()};
  return hand;
}

// Over the joint of `link`, on the side of `side` y, from the base along the links in between.
Tendon over(const HandModel& hand, int link, double side) {
  std::vector<TendonPoint> path;
  for (int i = link; i >= 0; i = hand.link[static_cast<std::size_t>(i)].parent) {
    const bool end = i == link;
    if (end) path.push_back({i, {0.01, 0.01 * side, 0.0}});
    const int parent = hand.link[static_cast<std::size_t>(i)].parent;
    const Vec3 base = hand.link[static_cast<std::size_t>(i)].parent_from_link_position;
    const double offset = end ? 0.01 * side : 0.001 * side;
    path.push_back({parent, base + Vec3(end ? -0.01 : 0.0, offset, 0.0)});
  }
  path.push_back({-1, {0.0, 0.002 * side, 0.0}});
  Tendon tendon;
  tendon.point_count = static_cast<int>(path.size());
  std::copy(path.rbegin(), path.rend(), tendon.point.begin());
  return tendon;
}

// Two tendons per joint, or one on the side of +y and springs against it; the wrist has a motor.
TransmissionConfig tendons_of(const HandModel& hand, bool springs) {
  TransmissionConfig c;
  c.kind = TransmissionKind::kTendons;
  c.joint_of_motor = {0};
  int count = 1;
  for (int j = 1; j < hand.joint_count; ++j) {
    for (const double side : {1.0, -1.0}) {
      if (springs && side < 0.0) continue;
      c.tendons.tendon[static_cast<std::size_t>(count++)] = over(hand, j, side);
      c.joint_of_motor.push_back(-1);
    }
  }
  c.tendons.count = count;
  c.bounds = {ActuatorVector::Constant(count, 1.0), ActuatorVector::Constant(count, 1.0),
              ActuatorVector::Constant(count, 80.0)};
  c.bounds.min[0] = -5.0;
  c.bounds.rest[0] = 0.0;
  c.bounds.max[0] = 5.0;
  if (springs) {
    c.spring_stiffness = JointVector::Constant(5, 0.2);
    c.spring_stiffness[0] = 0.0;
    c.spring_reference = JointVector::Constant(5, -1.5);
  }
  return c;
}

TransmissionConfig coupled() {
  TransmissionConfig c;
  c.kind = TransmissionKind::kCoupled;
  c.coupling = ActuatorMatrix::Identity(5, 5);
  c.coupling(2, 1) = -1.0;  // the second motor of a finger sees both joints
  c.coupling(4, 3) = 0.5;
  c.coupling(4, 4) = 2.0;
  c.bounds = {ActuatorVector::Constant(5, -2.0), ActuatorVector::Zero(5),
              ActuatorVector::Constant(5, 2.0)};
  return c;
}

struct Bench {
  explicit Bench(const TransmissionConfig& config) : transmission(hand, config) {}
  void pose(const JointVector& q) {
    kinematics.update_position(q);
    transmission.update(kinematics, q);
  }
  HandModel hand = two_fingers();
  HandKinematics kinematics{hand};
  Transmission transmission;
};

JointVector small_torque(Random& random) { return random_joints(random, 5, 0.08); }

TEST_CASE("direct: every motor does what its joint shall, within its bounds") {
  TransmissionConfig config;
  Bench free(config);
  CHECK(free.transmission.motor_count() == 5);
  const JointVector wanted = joints({0.1, -0.2, 0.3, 9.0, 0.0});
  CHECK(free.transmission.efforts(wanted, JointVector::Zero(5)) == wanted);
  config.bounds = coupled().bounds;
  Bench bound(config);
  CHECK(bound.transmission.efforts(wanted, JointVector::Zero(5))[3] == 2.0);
  CHECK(bound.transmission.saturated());
}

TEST_CASE("torques come back from efforts as they went in, springs included") {
  const HandModel hand = two_fingers();
  for (const TransmissionConfig& config :
       {tendons_of(hand, false), tendons_of(hand, true), coupled(), TransmissionConfig{}}) {
    Bench bench(config);
    Random random(21);
    for (int i = 0; i < 100; ++i) {
      bench.pose(random_joints(random, 5, 0.2));
      const JointVector dq = random_joints(random, 5, 1.0);
      JointVector torque = small_torque(random);
      if (config.spring_stiffness.size() > 0) torque.tail(4).setConstant(0.05);
      const ActuatorVector effort = bench.transmission.efforts(torque, dq);
      CHECK_FALSE(bench.transmission.saturated());
      CHECK((bench.transmission.torques(effort, dq) - torque).norm() < 1e-6);
    }
  }
}

TEST_CASE("power in is power out without friction, and less with it") {
  const HandModel hand = two_fingers();
  TransmissionConfig config = tendons_of(hand, false);
  for (const double mu : {0.0, 0.1}) {
    config.friction = {mu, 1e-6};
    Bench bench(config);
    Random random(22);
    for (int i = 0; i < 50; ++i) {
      bench.pose(random_joints(random, 5, 0.2));
      JointVector dq = JointVector::Zero(5);
      dq[1 + i % 4] = random.normal();  // one joint at a time, so that no tendon slides in itself
      const ActuatorVector effort = bench.transmission.efforts(small_torque(random), dq);
      double motors = effort[0] * dq[0];
      for (int m = 1; m < effort.size(); ++m) {
        motors -= effort[m] * bench.transmission.tendons().velocity(m, dq);
      }
      const double at_joints = bench.transmission.torques(effort, dq).dot(dq);
      if (mu == 0.0) CHECK(at_joints == doctest::Approx(motors).epsilon(1e-9));
      if (mu > 0.0) CHECK(at_joints < motors);
    }
  }
}

TEST_CASE("a tendon moves as fast as its length changes, whatever friction takes of its tension") {
  TransmissionConfig config = tendons_of(two_fingers(), false);
  config.friction.coefficient = 0.5;
  Bench bench(config);
  Random random(24);
  bench.pose(random_joints(random, 5, 0.3));
  const JointVector dq = random_joints(random, 5, 1.0);
  bench.transmission.efforts(random_joints(random, 5, 0.1), dq);
  const ActuatorVector speed = bench.transmission.speeds(dq);
  CHECK(speed[0] == dq[0]);
  for (int m = 1; m < speed.size(); ++m) {
    CHECK(speed[m] == doctest::Approx(-bench.transmission.tendons().velocity(m, dq)));
  }
}

TEST_CASE("tendons stay taut, and their motors within what they can do") {
  Bench bench(tendons_of(two_fingers(), false));
  Random random(23);
  bool saturated = false;
  for (int i = 0; i < 100; ++i) {
    bench.pose(random_joints(random, 5, 0.2));
    const JointVector torque = random_joints(random, 5, 0.05 * i);
    const ActuatorVector effort = bench.transmission.efforts(torque, JointVector::Zero(5));
    CHECK(((effort - bench.transmission.bounds().min).array() >= 0.0).all());
    CHECK(((bench.transmission.bounds().max - effort).array() >= 0.0).all());
    const JointVector missing = bench.transmission.torques(effort, JointVector::Zero(5)) - torque;
    CHECK(bench.transmission.saturated() == (missing.cwiseAbs().maxCoeff() > 1e-4));
    saturated = saturated || bench.transmission.saturated();
  }
  CHECK(saturated);
}

TEST_CASE("the wrist's motor makes up for what the fingers' tendons do to it") {
  Bench bench(tendons_of(two_fingers(), false));
  bench.pose(joints({0.3, 0.2, 0.1, -0.1, 0.2}));
  const JointVector torque = joints({0.0, 0.4, 0.2, 0.0, 0.0});
  const ActuatorVector effort = bench.transmission.efforts(torque, JointVector::Zero(5));
  CHECK(std::abs(effort[0]) > 0.01);
  CHECK(std::abs(bench.transmission.torques(effort, JointVector::Zero(5))[0]) < 1e-6);
}

TEST_CASE("a joint without a motor is known") {
  const HandModel hand = two_fingers();
  TransmissionConfig config = tendons_of(hand, true);
  CHECK(Transmission(hand, config).drives(4));
  config.tendons.tendon[4] = {};
  CHECK_FALSE(Transmission(hand, config).drives(4));
  CHECK(Transmission(hand, config).drives(0));
}

}  // namespace
}  // namespace handloop::testing::transmission
