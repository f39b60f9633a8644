#include "handloop/force_law.hpp"

#include <doctest/doctest.h>

#include "support.hpp"

namespace handloop::testing::force_law {
namespace {

struct Bench {
  HandModel model = random_hand(20);
  HandKinematics hand{model};
  ForceLawConfig config = config_for(model).law;
  ForceLaw law{config, kPeriod};
  FingerForce felt;

  // The torque of pressing alone.
  JointVector press(double wanted, int ticks = 1) {
    felt.point = hand.tip_position(1);
    JointVector torque;
    for (int i = 0; i < ticks; ++i) {
      torque = JointVector::Zero(model.joint_count);
      law.press(1, wanted, felt, hand, torque);
    }
    return torque;
  }
  // The force in it: the torque is J^T n times that.
  double force(const JointVector& torque) const {
    const JointVector unit = hand.tip_jacobian(1).transpose() * felt.direction;
    CHECK((torque - unit * (unit.dot(torque) / unit.squaredNorm())).norm() < 1e-12);
    return unit.dot(torque) / unit.squaredNorm();
  }
};

TEST_CASE("posture: gravity, stiffness and damping") {
  Bench bench;
  Random random(21);
  HandState state;
  state.q = random_joints(random, 9, 0.5);
  state.dq = random_joints(random, 9, 1.0);
  const JointVector reference = random_joints(random, 9, 0.5);
  bench.hand.update_position(state.q);
  const JointVector torque = bench.law.hold_posture(bench.hand, reference, state);
  const JointVector expected =
      bench.hand.gravity_torque() + 20.0 * (reference - state.q) - 0.5 * state.dq;
  CHECK((torque - expected).norm() < 1e-12);
}

TEST_CASE("pressing costs J^T n f") {
  Bench bench;
  bench.felt.direction = Vec3(1.0, 2.0, -2.0) / 3.0;
  bench.felt.normal = 5.0;
  CHECK(bench.force(bench.press(5.0)) == doctest::Approx(5.0).epsilon(1e-12));
}

TEST_CASE("what is missing is integrated, up to a bound, and forgotten on release") {
  Bench bench;
  bench.felt.normal = 4.0;
  const double rate = bench.config.integral_gain[1] * 1.0;  // [N/s] for an error of 1 N
  CHECK(bench.force(bench.press(5.0, 50)) == doctest::Approx(5.0 + rate * 0.05));
  CHECK(bench.force(bench.press(5.0, 5000)) == doctest::Approx(5.0 + bench.config.integral_max));
  bench.felt.normal = 9.0;
  CHECK(bench.force(bench.press(5.0, 5000)) == doctest::Approx(5.0 - bench.config.integral_max));
  bench.law.release(1);
  bench.felt.normal = 5.0;
  CHECK(bench.force(bench.press(5.0)) == doctest::Approx(5.0));
}

TEST_CASE("a finger never pulls") {
  Bench bench;
  bench.felt.normal = 50.0;
  CHECK(bench.press(0.1, 1000).norm() == 0.0);
}

}  // namespace
}  // namespace handloop::testing::force_law
