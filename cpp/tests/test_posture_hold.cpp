#include "handloop/posture_hold.hpp"

#include <doctest/doctest.h>

#include "support.hpp"

namespace handloop::testing::posture_hold {
namespace {

constexpr double kStiffness = 20.0, kMost = 4.0;  // [N m/rad], [N m]

struct Bench {
  HandModel model = random_hand(30);
  HandKinematics hand{model};
  PostureHoldConfig config{.begin = 0.5, .rate = 10.0, .part = 0.5};
  PostureHold hold{config,
                   model,
                   0,
                   JointVector::Constant(model.joint_count, kStiffness),
                   JointVector::Constant(model.joint_count, kMost / 0.5),
                   kPeriod};
  PerFinger<FingerForce> felt{};
  JointVector taken = JointVector::Constant(model.joint_count, 0.1);
  double now = 0.0;

  void touch(int f, const Vec3& direction) {
    FingerForce& finger = felt[static_cast<std::size_t>(f)];
    finger.touching = true;
    finger.point = hand.tip_position(f);
    finger.direction = direction;
  }
  // The torque after so long with the joints at `q`.
  JointVector after(double seconds, const JointVector& q) {
    hand.update_position(q);
    for (int i = 0; i < std::lround(seconds / kPeriod); ++i) {
      hold.update(hand, felt, q, now);
      now += kPeriod;
    }
    JointVector torque = JointVector::Zero(model.joint_count);
    hold.add(torque);
    return torque;
  }
  // Took hold at `taken`, then gave way.
  JointVector gave_way(const JointVector& by, double seconds) {
    now = config.begin;
    after(kPeriod, taken);
    return after(seconds, taken + by);
  }
};

TEST_CASE("nothing is held before the hand has taken hold") {
  Bench bench;
  bench.after(0.2, bench.taken);
  CHECK(bench.after(0.2, 2.0 * bench.taken).norm() == 0.0);
  bench.now = 1.0;
  CHECK(bench.after(0.1, bench.taken).norm() == 0.0);  // taken there
}

TEST_CASE("what gives way is taken back at the rate, up to a bound") {
  Bench bench;
  const JointVector by = JointVector::Constant(bench.model.joint_count, 0.01);
  const double expected = -kStiffness * 0.01 * bench.config.rate * 0.3;
  for (double torque : bench.gave_way(by, 0.3)) CHECK(torque == doctest::Approx(expected));
  for (double torque : bench.after(60.0, bench.taken + by)) CHECK(torque == -kMost);
  bench.hold.reset();
  CHECK(bench.after(0.1, bench.taken).norm() == 0.0);
}

TEST_CASE("a pad yields along its normal, but for the thumb's") {
  const Vec3 direction = Vec3(1.0, 2.0, -2.0) / 3.0;
  for (int f : {0, 1}) {
    Bench bench;
    Random random(31);
    const JointVector by = random_joints(random, bench.model.joint_count, 1e-6);
    bench.hand.update_position(bench.taken + by);
    bench.touch(f, direction);
    const JointVector torque = bench.gave_way(by, 0.1);
    // Where springs of this stiffness would let that torque bring the pad.
    double way = 0.0, whole = 0.0;  // [m], with it and with all that gave way
    for (int i = 3 + 3 * f; i < 6 + 3 * f; ++i) {
      const double arm =
          bench.hand.point_jacobian(i, bench.felt[0 + std::size_t(f)].point).dot(direction);
      way += arm * torque[i] / kStiffness;
      whole -= arm * by[i] * bench.config.rate * 0.1;
    }
    CHECK(way == doctest::Approx(f == 0 ? whole : 0.0).epsilon(1e-9));
    CHECK(torque.segment(3 + 3 * f, 3).norm() > 0.0);
  }
}

TEST_CASE("a finger that begins to touch is wanted where it does") {
  Bench bench;
  const JointVector by = JointVector::Constant(bench.model.joint_count, 0.01);
  bench.gave_way(JointVector::Zero(bench.model.joint_count), kPeriod);
  bench.touch(0, Vec3::UnitX());
  const JointVector torque = bench.after(0.1, bench.taken + by);
  CHECK(torque.segment(3, 3).norm() == 0.0);
  CHECK(torque.segment(0, 3).norm() > 0.0);
}

}  // namespace
}  // namespace handloop::testing::posture_hold
