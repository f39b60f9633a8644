#include "handloop/tendon.hpp"

#include <doctest/doctest.h>

#include "support.hpp"

namespace handloop::testing::tendon {
namespace {

// Tendons from the base to everywhere in the hand, without any order.
TendonSet random_tendons(const HandModel& hand, int count, std::uint64_t seed) {
  Random random(seed);
  TendonSet set;
  set.count = count;
  for (int t = 0; t < count; ++t) {
    Tendon& tendon = set.tendon[static_cast<std::size_t>(t)];
    tendon.point_count = 2 + t % (kMaxTendonPoints - 1);
    for (int i = 0; i < tendon.point_count; ++i) {
      const int link = static_cast<int>(random.uniform() * (hand.joint_count + 1)) - 1;
      tendon.point[static_cast<std::size_t>(i)] = {link, 0.05 * random_vector(random)};
    }
  }
  return set;
}

// One tendon over one hinge: from the base to a point on the moving link, at right angles to it.
struct Knuckle {
  HandModel hand = [] {
    HandModel h;
    h.joint_count = h.finger_count = 1;
    h.tip[0] = {0, Vec3::Zero(), Mat3::Identity()};
    return h;
  }();
  TendonSet tendons = [] {
    TendonSet set;
    set.count = 1;
    set.tendon[0].point_count = 3;
    set.tendon[0].point[0] = {-1, {-0.03, 0.01, 0.0}};
    set.tendon[0].point[1] = {-1, {-0.01, 0.01, 0.0}};
    set.tendon[0].point[2] = {0, {0.01, 0.01, 0.0}};
    return set;
  }();
  HandKinematics kinematics{hand};
  TendonKinematics tendon{hand, tendons};

  void bend(double q) {
    kinematics.update_position(joints({q}));
    tendon.update(kinematics);
  }
};

TEST_CASE("moment arms are the slopes of the lengths") {
  const HandModel hand = random_hand(7);
  HandKinematics kinematics(hand);
  TendonKinematics tendon(hand, random_tendons(hand, 30, 8));
  Random random(9);
  constexpr double kStep = 1e-6;
  for (int pose = 0; pose < 5; ++pose) {
    const JointVector q = random_joints(random, hand.joint_count, 0.5);
    kinematics.update_position(q);
    tendon.update(kinematics);
    const ActuatorMatrix arms = tendon.moment_arms();
    for (int j = 0; j < hand.joint_count; ++j) {
      std::array<double, kMaxActuators> slope{};
      for (const double sign : {1.0, -1.0}) {
        JointVector moved = q;
        moved[j] += sign * kStep;
        kinematics.update_position(moved);
        tendon.update(kinematics);
        for (std::size_t t = 0; t < 30; ++t) {
          slope[t] += sign * tendon.length(static_cast<int>(t)) / (2.0 * kStep);
        }
      }
      for (int t = 0; t < 30; ++t) {
        CHECK(arms(t, j) == doctest::Approx(slope[static_cast<std::size_t>(t)]).epsilon(1e-7));
        if (arms(t, j) != 0.0) CHECK(tendon.spans(t, j));
      }
    }
  }
}

TEST_CASE("the rate of the length follows from the arms") {
  const HandModel hand = random_hand(7);
  HandKinematics kinematics(hand);
  TendonKinematics tendon(hand, random_tendons(hand, 12, 3));
  tendon.update(kinematics);
  Random random(4);
  const JointVector dq = random_joints(random, hand.joint_count, 1.0);
  for (int t = 0; t < 12; ++t) {
    CHECK(tendon.velocity(t, dq) == doctest::Approx(tendon.moment_arms().row(t).dot(dq)));
  }
}

TEST_CASE("a straight tendon has no wrap, a bent one the angle of the joint") {
  Knuckle knuckle;
  knuckle.bend(0.0);
  CHECK(knuckle.tendon.wrap(0) == doctest::Approx(0.0));
  CHECK(knuckle.tendon.length(0) == doctest::Approx(0.04));
  // The axis is z: turning forwards takes the moving point away from the guide on the side of +y.
  CHECK(knuckle.tendon.moment_arms()(0, 0) == doctest::Approx(-0.01));
  // Both points are sqrt(2) cm from the axis, a right angle apart; so is the bend, half as far.
  knuckle.bend(-0.3);
  CHECK(knuckle.tendon.wrap(0) == doctest::Approx(0.15));
  const double reach = 0.01 * std::numbers::sqrt2;
  CHECK(knuckle.tendon.length(0) ==
        doctest::Approx(0.02 + 2.0 * reach * std::sin(0.25 * std::numbers::pi + 0.15)));
}

TEST_CASE("friction takes what the capstan equation says, against the motion") {
  Knuckle knuckle;
  knuckle.bend(-0.3);
  const CapstanFriction friction{0.2, 0.001};
  const double arm = knuckle.tendon.moment_arms()(0, 0);
  const double loss = std::exp(-0.2 * 0.15);
  const auto effective = [&](double dq) {
    return knuckle.tendon.moment_arms(joints({dq}), friction)(0, 0);
  };
  // The arm is negative: turning forwards shortens the tendon, and the motor is winning.
  CHECK(effective(10.0) == doctest::Approx(arm * loss));
  CHECK(effective(-10.0) == doctest::Approx(arm / loss));
  CHECK(effective(0.0) == arm);
  CHECK(effective(0.001 / 0.01) < arm * loss);
  CHECK(knuckle.tendon.moment_arms(joints({1.0}), {})(0, 0) == arm);
}

TEST_CASE("friction of a tendon over one joint never gives power") {
  Knuckle knuckle;
  for (const double q : {-0.9, -0.3, 0.2}) {
    knuckle.bend(q);
    const double arm = knuckle.tendon.moment_arms()(0, 0);
    for (const double dq : {-3.0, -0.01, 0.02, 5.0}) {
      const double effective = knuckle.tendon.moment_arms(joints({dq}), {0.15, 0.01})(0, 0);
      CHECK(-(effective - arm) * dq < 0.0);
    }
  }
}

TEST_CASE("a path without points pulls at nothing, points in one place do no harm") {
  Knuckle knuckle;
  knuckle.tendons.count = 2;
  knuckle.tendons.tendon[0].point[1] = knuckle.tendons.tendon[0].point[0];
  TendonKinematics tendon(knuckle.hand, knuckle.tendons);
  tendon.update(knuckle.kinematics);
  CHECK(tendon.length(1) == 0.0);
  CHECK(tendon.moment_arms().row(1).isZero(0.0));
  CHECK(tendon.moment_arms(joints({1.0}), {0.1, 0.01}).allFinite());
}

}  // namespace
}  // namespace handloop::testing::tendon
