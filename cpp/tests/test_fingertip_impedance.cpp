#include "handloop/fingertip_impedance.hpp"

#include <doctest/doctest.h>

#include "support.hpp"

namespace handloop::testing::fingertip_impedance {
namespace {

TEST_CASE("a tip is pulled to where it was, and to where it is wanted, by a spring") {
  HandKinematics hand(pinch_hand());  // a slide is its own fingertip
  FingertipImpedance impedance({.stiffness = 400.0, .damping = 3.0});
  impedance.begin(hand);
  hand.update_position(joints({0.01, 0.0}));
  PerFinger<Vec3> offset{};
  offset.fill(Vec3::Zero());
  offset[1] = {-0.002, 0.0, 0.0};  // finger 1 moves along -x
  JointVector torque = joints({0.0, 0.0});
  impedance.add(hand, offset, joints({0.0, 0.1}), torque);
  CHECK(torque[0] == doctest::Approx(-4.0));
  CHECK(torque[1] == doctest::Approx(0.8 - 0.3));
}

TEST_CASE("what is left of a posture's torque does not load the tip, and is not taken twice") {
  const HandModel model = random_hand(7);
  HandKinematics hand(model);
  const auto finger = finger_of_joint(model);
  JointVector torque(model.joint_count);
  for (Eigen::Index i = 0; i < torque.size(); ++i) torque[i] = 0.3 * static_cast<double>(i) - 1.0;
  const JointVector before = torque;
  remove_point_force(hand, finger, 0, hand.tip_position(0), torque);
  Vec3 pull = Vec3::Zero();
  for (int i = 0; i < model.joint_count; ++i) {
    if (finger[static_cast<std::size_t>(i)] == 0) {
      pull += hand.tip_jacobian(0).col(i) * torque[i];
    } else {
      CHECK(torque[i] == before[i]);  // joints of others are left alone
    }
  }
  CHECK(pull.norm() < 1e-4);
  const JointVector once = torque;
  remove_point_force(hand, finger, 0, hand.tip_position(0), torque);
  CHECK((torque - once).norm() < 1e-4);
}

}  // namespace
}  // namespace handloop::testing::fingertip_impedance
