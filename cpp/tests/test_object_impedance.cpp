#include "handloop/object_impedance.hpp"

#include <doctest/doctest.h>

#include "support.hpp"

namespace handloop::testing::object_impedance {
namespace {

// Four fingertips, each on three slides along the axes of the world: they go where they are told.
HandModel free_tips() {
  HandModel hand;
  hand.finger_count = 4;
  hand.joint_count = 12;
  hand.gravity.setZero();
  for (int f = 0; f < 4; ++f) {
    for (int k = 0; k < 3; ++k) {
      Link& link = hand.link[static_cast<std::size_t>(3 * f + k)];
      link.kind = JointKind::kSlide;
      link.parent = k == 0 ? -1 : 3 * f + k - 1;
      link.axis = Vec3::Unit(k);
      link.mass = 0.01;
    }
    hand.tip[static_cast<std::size_t>(f)] = {3 * f + 2, Vec3::Zero(), Mat3::Identity()};
  }
  return hand;
}

struct Bench {
  HandKinematics hand{free_tips()};
  VirtualObject object;
  PerFinger<bool> touching{true, true, true, true, false};
  std::array<Vec3, 4> corner{Vec3(0.03, 0, 0), Vec3(-0.02, 0.02, 0), Vec3(-0.02, -0.02, 0.01),
                             Vec3(0.0, 0.01, -0.03)};

  // Moves the body that carries the corners, with the velocity that goes with it.
  void place(const Vec3& position, const Mat3& rotation, const Vec3& v = Vec3::Zero(),
             const Vec3& w = Vec3::Zero()) {
    JointVector q(12), dq(12);
    for (int f = 0; f < 4; ++f) {
      const Vec3 arm = rotation * corner[static_cast<std::size_t>(f)];
      q.segment<3>(3 * f) = position + arm;
      dq.segment<3>(3 * f) = v + w.cross(arm);
    }
    hand.update_position(q);
    object.update(hand, touching, dq);
  }
  Vec3 middle() const { return 0.25 * (corner[0] + corner[1] + corner[2] + corner[3]); }
};

Mat3 turned(double angle, const Vec3& axis) {
  return Eigen::AngleAxisd(angle, axis.normalized()).toRotationMatrix();
}

TEST_CASE("the virtual object begins amid the fingertips, unturned") {
  Bench bench;
  CHECK_FALSE(bench.object.held());
  bench.place({0.1, 0.2, 0.3}, Mat3::Identity());
  CHECK(bench.object.held());
  CHECK((bench.object.position() - (Vec3(0.1, 0.2, 0.3) + bench.middle())).norm() < 1e-12);
  CHECK((bench.object.rotation() - Mat3::Identity()).norm() < 1e-12);
}

TEST_CASE("it follows a rigid motion, in place and in velocity") {
  Bench bench;
  const Vec3 axis(1.0, -2.0, 0.5), v(0.1, 0.0, -0.2), w(0.5, 1.0, -0.3);
  for (int i = 0; i <= 400; ++i) {
    bench.place(1e-4 * i * Vec3(1.0, 2.0, -1.0), turned(0.002 * i, axis), v, w);
  }
  const Mat3 rotation = turned(0.8, axis);
  CHECK((bench.object.rotation() - rotation).norm() < 1e-5);
  CHECK((bench.object.position() - (Vec3(0.04, 0.08, -0.04) + rotation * bench.middle())).norm() <
        1e-6);
  CHECK((bench.object.angular_velocity() - w).norm() < 1e-3);
  CHECK((bench.object.velocity() - (v + w.cross(rotation * bench.middle()))).norm() < 1e-4);
}

TEST_CASE("fingers that come and go do not move it") {
  Bench bench;
  bench.place(Vec3::Zero(), Mat3::Identity());
  bench.place({0.01, 0.0, 0.0}, turned(0.1, Vec3::UnitZ()));
  for (int i = 0; i < 20; ++i) bench.place({0.01, 0.0, 0.0}, turned(0.1, Vec3::UnitZ()));
  const Vec3 position = bench.object.position();
  bench.touching[3] = false;
  bench.place({0.01, 0.0, 0.0}, turned(0.1, Vec3::UnitZ()));
  bench.touching[3] = true;
  bench.corner[3] += Vec3(0.005, 0.0, 0.0);  // it comes back elsewhere
  bench.place({0.01, 0.0, 0.0}, turned(0.1, Vec3::UnitZ()));
  CHECK((bench.object.position() - position).norm() < 1e-9);
  bench.touching.fill(false);
  bench.place(Vec3::Zero(), Mat3::Identity());
  CHECK_FALSE(bench.object.held());
}

TEST_CASE("two fingers do not feel a turn about their line, and nothing breaks") {
  Bench bench;
  bench.touching = {true, true, false, false, false};
  bench.place(Vec3::Zero(), Mat3::Identity());
  const Vec3 line = bench.corner[0] - bench.corner[1];
  bench.place(Vec3::Zero(), turned(0.2, line));
  CHECK((bench.object.rotation() - Mat3::Identity()).norm() < 1e-9);
}

TEST_CASE("the wrench is a spring in six axes on top of the load that is felt") {
  Bench bench;
  bench.place(Vec3::Zero(), Mat3::Identity());
  ObjectImpedanceConfig config;
  config.integral_rate = 0.0;
  ObjectImpedance impedance(config, kPeriod);
  impedance.take_hold(bench.object);
  PerFinger<FingerForce> finger{};
  for (std::size_t f = 0; f < 2; ++f) {
    finger[f].touching = true;
    finger[f].normal = 1.0;
    finger[f].direction = f == 0 ? Vec3::UnitX() : Vec3(-Vec3::UnitX());
    finger[f].drag = Vec3(0.0, 0.0, 0.4);
    finger[f].point = bench.object.position() - 0.03 * finger[f].direction;
  }
  Wrench w;
  for (int i = 0; i < 1000; ++i) w = impedance.wrench(bench.object, finger, {});
  CHECK((w.force - Vec3(0.0, 0.0, 0.8)).norm() < 1e-6);  // what both carry together
  CHECK(w.torque.norm() < 1e-9);
  const Wrench moved =
      impedance.wrench(bench.object, finger, {.offset = {0.001, 0, 0}, .turn = {0, 0, 0.1}});
  CHECK((moved.force - w.force - Vec3(0.001 * config.stiffness, 0, 0)).norm() < 1e-6);
  CHECK((moved.torque - w.torque - Vec3(0, 0, 0.1 * config.rotation_stiffness)).norm() < 1e-6);
}

TEST_CASE("what stays wrong is pulled at harder and harder, up to a bound") {
  Bench bench;
  bench.place(Vec3::Zero(), Mat3::Identity());
  const ObjectImpedanceConfig config;
  ObjectImpedance impedance(config, kPeriod);
  impedance.take_hold(bench.object);
  const TaskStep step{.offset = {0.001, 0.0, 0.0}};
  const double spring = 0.001 * config.stiffness;
  double pull = 0.0;
  for (int i = 0; i < 500; ++i) pull = impedance.wrench(bench.object, {}, step).force.x();
  CHECK(pull == doctest::Approx(spring * (1.0 + 0.5 * config.integral_rate)));
  for (int i = 0; i < 20000; ++i) pull = impedance.wrench(bench.object, {}, step).force.x();
  CHECK(pull == doctest::Approx(spring + config.integral_max));
}

}  // namespace
}  // namespace handloop::testing::object_impedance
