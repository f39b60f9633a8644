#include "handloop/force_feedback.hpp"

#include <doctest/doctest.h>

#include "support.hpp"

namespace handloop::testing::force_feedback {
namespace {

struct Bench {
  HandKinematics hand{pinch_hand()};
  ForceFeedbackConfig config;
  ForceFeedback feedback{config, kPeriod};
  HandState state = still(2, 0.0);

  const FingerForce& feel(const FingerContact& contact, int ticks = 1) {
    state.contact[0] = contact;
    for (int i = 0; i < ticks; ++i) feedback.update(hand, state);
    return feedback.finger(0);
  }
};

TEST_CASE("the force filter is of first order with the time constant asked for") {
  Bench bench;
  const double blend = kPeriod / (bench.config.time_constant + kPeriod);
  double expected = 0.0;
  for (int i = 0; i < 10; ++i) {
    expected += blend * (4.0 - expected);
    CHECK(bench.feel(pressed(4.0)).normal == doctest::Approx(expected).epsilon(1e-12));
  }
  CHECK(bench.feel(pressed(4.0, 3.0), 100).normal == doctest::Approx(4.0));
  CHECK(bench.feedback.finger(0).tangential == doctest::Approx(3.0));
  CHECK(bench.feedback.finger(1).normal == 0.0);
}

TEST_CASE("a touch begins at one force and ends at a smaller one") {
  Bench bench;
  CHECK_FALSE(bench.feel(pressed(0.07), 50).touching);
  CHECK(bench.feel(pressed(0.09), 50).touching);
  CHECK(bench.feel(pressed(0.05), 50).touching);
  CHECK_FALSE(bench.feel(pressed(0.02), 50).touching);
  CHECK_FALSE(bench.feel(pressed(0.05), 50).touching);
}

TEST_CASE("a contact is placed in the world") {
  Bench bench;
  FingerContact contact = pressed(2.0, 1.0, 0.01);
  contact.position = {0.003, 0.0, 0.002};
  const FingerForce& felt = bench.feel(contact, 100);
  const Vec3 expected = bench.hand.tip_position(0) + bench.hand.tip_rotation(0) * contact.position;
  CHECK((felt.point - expected).norm() < 1e-15);
  CHECK((felt.direction - Vec3::UnitX()).norm() < 1e-15);
  CHECK(felt.drag.dot(felt.direction) == doctest::Approx(0.0));
  CHECK((felt.drag - bench.hand.tip_rotation(0) * contact.tangent).norm() < 1e-9);
  CHECK(felt.slip_speed == doctest::Approx(0.01));
}

// The tangents of a contact frame are arbitrary and may turn at any sample; the force does not.
TEST_CASE("turns of the contact frame do not disturb") {
  Bench bench;
  const FingerForce settled = bench.feel(pressed(4.0, 3.0), 200);
  FingerContact turned = pressed(4.0);
  turned.tangent = -Vec3::UnitX();
  turned.force = {4.0, -3.0, 0.0};
  FingerContact quarter = pressed(4.0);
  quarter.tangent = Vec3::UnitY();
  quarter.force = {4.0, 0.0, -3.0};  // the third axis is z x y = -x
  for (int i = 0; i < 20; ++i) {
    for (const FingerContact& contact : {turned, quarter, pressed(4.0, 3.0)}) {
      const FingerForce& felt = bench.feel(contact);
      CHECK((felt.force - settled.force).norm() < 1e-12);
      CHECK(felt.normal == doctest::Approx(settled.normal));
      CHECK(felt.tangential == doctest::Approx(settled.tangential));
    }
  }
}

TEST_CASE("without contact force and slip fade, and reset forgets at once") {
  Bench bench;
  CHECK(bench.feel(pressed(4.0, 0.0, 0.02), 100).slip_speed > 0.019);
  CHECK(bench.feel({}, 1).normal > 2.0);
  CHECK(bench.feel({}, 100).normal < 1e-6);
  CHECK(bench.feedback.finger(0).slip_speed < 1e-6);
  CHECK((bench.feedback.finger(0).point - bench.hand.tip_position(0)).norm() == 0.0);
  bench.feel(pressed(4.0), 100);
  bench.feedback.reset();
  CHECK(bench.feedback.finger(0).normal == 0.0);
  CHECK_FALSE(bench.feedback.finger(0).touching);
}

TEST_CASE("a pad never pulls") { CHECK(Bench().feel(pressed(-1.0), 50).normal == 0.0); }

}  // namespace
}  // namespace handloop::testing::force_feedback
