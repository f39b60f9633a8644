#include "handloop/object_grasp.hpp"

#include <doctest/doctest.h>

#include "support.hpp"

namespace handloop::testing::object_grasp {
namespace {

// The pinch holds a weightless thing; both pads press with 1 N.
struct Bench {
  explicit Bench(double torque_max = 8.0, const ObjectGraspConfig& config = {})
      : grasp(config, pinch_hand(), joints({torque_max, torque_max}), kPeriod) {
    for (int f = 0; f < 2; ++f) {
      FingerForce& c = finger[static_cast<std::size_t>(f)];
      c.touching = true;
      c.normal = 1.0;
      c.point = hand.tip_position(f);
      c.direction = hand.tip_rotation(f).col(2);
    }
  }
  const GraspForceResult& step(int ticks = 1) {
    for (int i = 0; i < ticks; ++i) {
      grasp.feel(finger);
      grasp.update(hand, finger, joints({0.0, 0.0}), joints({0.0, 0.0}), {});
    }
    return grasp.result();
  }
  // Weight [N] that both pads are felt to carry.
  void load(double weight) {
    for (FingerForce& c : finger) {
      c.drag = c.touching ? Vec3(0.0, 0.0, 0.5 * weight) : Vec3(Vec3::Zero());
      c.tangential = c.drag.norm();
    }
  }
  double normal(int f) const {
    return grasp.force(f).dot(finger[static_cast<std::size_t>(f)].direction);
  }

  HandKinematics hand{pinch_hand()};
  ObjectGrasp grasp;
  PerFinger<FingerForce> finger{};
};

TEST_CASE("without load the pads press as little as keeps touch") {
  Bench bench;
  CHECK(bench.step().status == GraspForceStatus::kSolved);
  CHECK(bench.normal(0) == doctest::Approx(ObjectGraspConfig().force_min));
  CHECK(bench.normal(1) == doctest::Approx(ObjectGraspConfig().force_min));
  CHECK(bench.grasp.force(2).norm() == 0.0);
}

TEST_CASE("a load is carried within the believed friction, and let go when it is gone") {
  Bench bench;
  bench.load(4.0);
  bench.step(1000);
  // Two pads, each carries half at the friction believed before any slip.
  CHECK(bench.normal(0) == doctest::Approx(2.0 / FrictionConfig().initial).epsilon(1e-3));
  CHECK((bench.grasp.force(0) + bench.grasp.force(1) - Vec3(0, 0, 4.0)).norm() < 1e-6);
  bench.load(0.0);
  bench.step(1000);
  CHECK(bench.normal(0) == doctest::Approx(ObjectGraspConfig().force_min).epsilon(1e-3));
}

TEST_CASE("slip raises the grip within 10 ms, at the pad that slips and against it") {
  Bench bench;
  bench.load(4.0);
  for (int f = 0; f < 2; ++f) {
    bench.finger[static_cast<std::size_t>(f)].normal = 4.0;  // 0.5 is all that friction gives
  }
  bench.step(1000);
  const double before = bench.normal(1);
  bench.finger[1].slip_speed = 0.02;
  bench.step(10);
  CHECK(bench.normal(1) > 1.5 * before);
  CHECK(bench.normal(0) == doctest::Approx(bench.normal(1)));
  bench.finger[1].slip_speed = 0.0;
  bench.step(3000);
  const double learned = bench.grasp.friction(1).value() * (1.0 - ObjectGraspConfig().margin);
  CHECK(bench.grasp.friction(1).value() == doctest::Approx(0.5).epsilon(0.02));
  // Least effort: the pad that is believed to grip better carries more of the load.
  const Vec3 force = bench.grasp.force(1);
  CHECK(std::hypot(force.y(), force.z()) <= learned * bench.normal(1) + 1e-6);
}

TEST_CASE("no pad is made to press harder than its joint can, and that is said") {
  Bench bench(1.5);
  bench.load(8.0);
  const GraspForceResult& result = bench.step(1000);
  CHECK(result.status == GraspForceStatus::kInfeasible);
  CHECK(bench.normal(0) <= 1.5 + 1e-6);
  CHECK(bench.grasp.residual().wrench > 1.0);
}

TEST_CASE("too little work for a tick costs a few ticks, not the grip") {
  ObjectGraspConfig little, unbounded;
  little.solver.max_work = 100;
  unbounded.solver.max_work = GraspForceConfig().max_work;
  Bench bench(1.5, little), other(1.5, unbounded);
  int unfinished = 0;
  for (const double weight : {4.0, 8.0, 1.0}) {  // the second is out of reach
    bench.load(weight);
    other.load(weight);
    for (int i = 0; i < 500; ++i) {
      unfinished += bench.step().status == GraspForceStatus::kUnfinished;
      other.step();
      CHECK((bench.grasp.force(0) - other.grasp.force(0)).norm() <= 0.1);
    }
    CHECK(bench.grasp.result().status == other.grasp.result().status);
    CHECK((bench.grasp.force(0) - other.grasp.force(0)).norm() <= 1e-6);
  }
  CHECK(unfinished > 0);
}

TEST_CASE("an object taken a second time is another one") {
  Bench bench;
  bench.step(10);
  bench.finger[1].touching = false;
  bench.step();
  bench.hand.update_position(joints({0.0, -0.04}));  // the finger touches another one, further out
  bench.finger[1].touching = true;
  bench.grasp.take_hold();
  bench.step();
  CHECK((bench.grasp.object().position() - Vec3(0.02, 0.0, 0.0)).norm() < 1e-12);
  CHECK(bench.grasp.object().rotation() == Mat3::Identity());
}

TEST_CASE("a finger that lets go leaves the rest") {
  Bench bench;
  bench.step(10);
  bench.finger[1] = {};
  bench.step(10);
  CHECK(bench.grasp.force(1).norm() == 0.0);
  CHECK(bench.grasp.force(0).allFinite());
}

}  // namespace
}  // namespace handloop::testing::object_grasp
