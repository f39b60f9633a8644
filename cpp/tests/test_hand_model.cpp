// Kinematics and dynamics against closed forms and against themselves.

#include "handloop/hand_model.hpp"

#include <doctest/doctest.h>

#include "handloop/mujoco_hand.hpp"
#include "support.hpp"

namespace handloop::testing::hand_model {
namespace {

constexpr double kGravity = 9.81;

TEST_CASE("a pendulum needs m g l cos q") {
  TwoLinks arm;
  arm.mass2 = arm.inertia2 = 0.0;
  HandKinematics hand(arm.hand());
  for (const double q : {-1.0, 0.0, 0.4, 2.5}) {
    hand.update_position(joints({q, 0.0}));
    const double expected = arm.mass1 * kGravity * arm.com1 * std::cos(q);
    CHECK(hand.gravity_torque()[0] == doctest::Approx(expected).epsilon(1e-12));
  }
}

TEST_CASE("two links have the inertia, Coriolis and gravity torques of the textbook") {
  const TwoLinks a;
  HandKinematics hand(a.hand());
  Random random(1);
  for (int i = 0; i < 50; ++i) {
    const JointVector q = random_joints(random, 2, 1.5), dq = random_joints(random, 2, 3.0);
    hand.update_position(q);
    const double c = std::cos(q[1]), s = std::sin(q[1]);
    const double m22 = a.mass2 * a.com2 * a.com2 + a.inertia2;
    const double m12 = m22 + a.mass2 * a.length * a.com2 * c;
    const double m11 = a.mass1 * a.com1 * a.com1 + a.inertia1 + a.mass2 * a.length * a.length +
                       2.0 * a.mass2 * a.length * a.com2 * c + m22;
    const JointMatrix inertia = hand.joint_inertia();
    CHECK(inertia(0, 0) == doctest::Approx(m11).epsilon(1e-12));
    CHECK(inertia(1, 0) == doctest::Approx(m12).epsilon(1e-12));
    CHECK(inertia(0, 1) == inertia(1, 0));
    CHECK(inertia(1, 1) == doctest::Approx(m22).epsilon(1e-12));

    const double g2 = a.mass2 * a.com2 * kGravity * std::cos(q[0] + q[1]);
    const double g1 = (a.mass1 * a.com1 + a.mass2 * a.length) * kGravity * std::cos(q[0]) + g2;
    const double h = -a.mass2 * a.length * a.com2 * s;
    const JointVector bias = hand.bias_torque(dq);
    CHECK(bias[0] == doctest::Approx(h * dq[1] * (2.0 * dq[0] + dq[1]) + g1).epsilon(1e-12));
    CHECK(bias[1] == doctest::Approx(-h * dq[0] * dq[0] + g2).epsilon(1e-12));
    CHECK((hand.gravity_torque() - joints({g1, g2})).norm() < 1e-12);
  }
}

TEST_CASE("slides move along their axes and carry their weight") {
  HandModel model = pinch_hand();
  model.gravity = {-2.0, 0.0, -9.81};
  HandKinematics hand(model);
  hand.update_position(joints({0.02, -0.01}));
  CHECK((hand.tip_position(0) - Vec3(-0.03, 0.0, 0.0)).norm() < 1e-15);
  CHECK((hand.tip_position(1) - Vec3(0.06, 0.0, 0.0)).norm() < 1e-15);
  CHECK((hand.tip_rotation(1) * Vec3::UnitZ() + Vec3::UnitX()).norm() < 1e-15);
  CHECK((hand.gravity_torque() - joints({0.2, -0.2})).norm() < 1e-15);
  CHECK((hand.joint_inertia() - 0.1 * JointMatrix::Identity(2, 2)).norm() < 1e-15);
  JointVector tau = JointVector::Zero(2);
  hand.add_point_force(1, Vec3(7.0, 7.0, 7.0), Vec3(-3.0, 5.0, 9.0), tau);
  CHECK((tau - joints({0.0, 3.0})).norm() < 1e-15);
}

// Central difference of `f` over each joint, one column per joint.
template <typename F>
Jacobian difference(HandKinematics& hand, const JointVector& q, F f) {
  constexpr double kStep = 1e-6;
  Jacobian j(3, q.size());
  for (Eigen::Index i = 0; i < q.size(); ++i) {
    JointVector moved = q;
    moved[i] = q[i] + kStep;
    hand.update_position(moved);
    const Mat3 rotation_after = hand.tip_rotation(1);
    const Vec3 after = hand.tip_position(1);
    moved[i] = q[i] - kStep;
    hand.update_position(moved);
    j.col(i) = f(after - hand.tip_position(1), rotation_after * hand.tip_rotation(1).transpose()) /
               (2.0 * kStep);
  }
  hand.update_position(q);
  return j;
}

TEST_CASE("Jacobians are the derivatives of the fingertip's pose") {
  HandKinematics hand(random_hand(2));
  Random random(3);
  for (int i = 0; i < 10; ++i) {
    const JointVector q = random_joints(random, 9, 0.7);
    hand.update_position(q);
    const Jacobian linear =
        difference(hand, q, [](const Vec3& moved, const Mat3&) { return moved; });
    const Jacobian angular = difference(hand, q, [](const Vec3&, const Mat3& turned) {
      return Vec3(0.5 * Vec3(turned(2, 1) - turned(1, 2), turned(0, 2) - turned(2, 0),
                             turned(1, 0) - turned(0, 1)));
    });
    CHECK((hand.tip_jacobian(1) - linear).norm() < 1e-8);
    CHECK((hand.tip_rotation_jacobian(1) - angular).norm() < 1e-8);
    CHECK(hand.tip_jacobian(1).middleCols(3, 3).norm() == 0.0);  // the other finger
    CHECK((hand.tip_velocity(1, q) - hand.tip_jacobian(1) * q).norm() < 1e-14);
  }
}

TEST_CASE("a force at the fingertip costs J^T f") {
  HandKinematics hand(random_hand(4));
  Random random(5);
  for (int i = 0; i < 20; ++i) {
    hand.update_position(random_joints(random, 9, 0.7));
    const Vec3 force = random_vector(random);
    JointVector tau = JointVector::Zero(9);
    hand.add_point_force(0, hand.tip_position(0), force, tau);
    CHECK((tau - hand.tip_jacobian(0).transpose() * force).norm() < 1e-14);
  }
}

TEST_CASE("inverse dynamics is M ddq + bias, and M is symmetric and positive") {
  HandKinematics hand(random_hand(6));
  Random random(7);
  for (int i = 0; i < 20; ++i) {
    const JointVector q = random_joints(random, 9, 0.7), dq = random_joints(random, 9, 2.0),
                      ddq = random_joints(random, 9, 20.0);
    hand.update_position(q);
    const JointMatrix inertia = hand.joint_inertia();
    const JointVector tau = hand.inverse_dynamics(dq, ddq);
    const JointVector composed = inertia * ddq + hand.bias_torque(dq);
    CHECK((tau - composed).norm() < 1e-12 * tau.norm());
    CHECK((inertia - inertia.transpose()).norm() == 0.0);
    CHECK(ddq.dot(inertia * ddq) > 0.0);
    const JointVector rest = JointVector::Zero(9);
    CHECK((hand.bias_torque(rest) - hand.gravity_torque()).norm() < 1e-13);
  }
}

TEST_CASE("power of the bias torque is what kinetic and potential energy change by") {
  const HandModel model = random_hand(8);
  HandKinematics hand(model);
  Random random(9);
  const JointVector q = random_joints(random, 9, 0.5), dq = random_joints(random, 9, 1.0);
  constexpr double kStep = 1e-5;
  const auto kinetic_at = [&](double t) {
    hand.update_position(q + t * dq);
    return 0.5 * dq.dot(hand.joint_inertia() * dq);
  };
  const double gained = (kinetic_at(kStep) - kinetic_at(-kStep)) / (2.0 * kStep);
  hand.update_position(q);
  // At constant speed dq' M' dq / 2 = dq' (bias - gravity).
  const double power = dq.dot(hand.bias_torque(dq) - hand.gravity_torque());
  CHECK(power == doctest::Approx(gained).epsilon(1e-6));
}

TEST_CASE("the gradient of the kinetic energy is M dq, and its slope over the positions") {
  for (const std::uint64_t seed : {11, 12, 13}) {
    HandKinematics hand(random_hand(seed));
    Random random(seed);
    for (int k = 0; k < 5; ++k) {
      const JointVector q = random_joints(random, 9, 0.7), dq = random_joints(random, 9, 2.0);
      const auto energy_at = [&](const JointVector& at) {
        hand.update_position(at);
        return 0.5 * dq.dot(hand.joint_inertia() * dq);
      };
      JointVector slope(9);
      for (Eigen::Index i = 0; i < 9; ++i) {
        const auto moved = [&](double by) {
          JointVector at = q;
          at[i] += by;
          return energy_at(at);
        };
        constexpr double kStep = 1e-3;  // five-point rule: exact to its fourth power
        slope[i] =
            (8.0 * (moved(kStep) - moved(-kStep)) - moved(2.0 * kStep) + moved(-2.0 * kStep)) /
            (12.0 * kStep);
      }
      hand.update_position(q);
      const EnergyGradient gradient = hand.energy_gradient(dq);
      const JointVector momentum = hand.joint_inertia() * dq;
      CHECK((gradient.momentum - momentum).norm() < 1e-12 * momentum.norm());
      CHECK((gradient.position - slope).norm() < 1e-9 * (1.0 + slope.norm()));
    }
  }
}

TEST_CASE("C^T dq is M' dq less the Coriolis torques") {
  HandKinematics hand(random_hand(14));
  Random random(15);
  const JointVector q = random_joints(random, 9, 0.5), dq = random_joints(random, 9, 1.0);
  constexpr double kStep = 1e-3;
  const auto momentum_at = [&](double t) {
    hand.update_position(q + t * dq);
    return JointVector(hand.energy_gradient(dq).momentum);
  };
  const JointVector change = (8.0 * (momentum_at(kStep) - momentum_at(-kStep)) -
                              momentum_at(2.0 * kStep) + momentum_at(-2.0 * kStep)) /
                             (12.0 * kStep);
  hand.update_position(q);
  const JointVector coriolis = hand.bias_torque(dq) - hand.gravity_torque();
  CHECK((hand.energy_gradient(dq).position - (change - coriolis)).norm() < 1e-9);
}

TEST_CASE("a fresh work space stands at the reference") {
  const HandModel model = random_hand(10);
  const HandKinematics fresh(model);
  HandKinematics moved(model);
  JointVector reference(model.joint_count);
  for (int i = 0; i < model.joint_count; ++i) {
    reference[i] = model.link[static_cast<std::size_t>(i)].reference;
  }
  moved.update_position(JointVector::Ones(model.joint_count));
  moved.update_position(reference);
  CHECK((fresh.tip_position(0) - moved.tip_position(0)).norm() == 0.0);
  CHECK((fresh.tip_jacobian(1) - moved.tip_jacobian(1)).norm() == 0.0);
}

TEST_CASE("a model read from MuJoCo refuses what no hand is made of") {
  const ModelPointer m = pinch_model();
  const int box = m->body_jntadr[id_of(*m, mjOBJ_BODY, "box")];
  const auto read = [&](std::vector<int> joint, std::vector<int> tip) {
    return read_hand(*m, {std::move(joint), std::move(tip)});
  };
  CHECK(read({0, 1}, {0, 1}).joint_count == 2);
  CHECK_THROWS_AS(read({}, {0}), std::invalid_argument);
  CHECK_THROWS_AS(read({0, 1}, {}), std::invalid_argument);
  CHECK_THROWS_AS(read({1, 0}, {0}), std::invalid_argument);
  CHECK_THROWS_AS(read({0, 99}, {0}), std::invalid_argument);
  CHECK_THROWS_AS(read({0, box}, {0}), std::invalid_argument);
  CHECK_THROWS_AS(read({0, 1}, {7}), std::invalid_argument);
  CHECK_THROWS_AS(read({0}, {1}), std::invalid_argument);  // that tip hangs on another joint
}

}  // namespace
}  // namespace handloop::testing::hand_model
