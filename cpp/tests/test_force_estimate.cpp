// Contact forces told from the motors: the least-squares map, the touch, and the way through a
// controller.

#include "handloop/force_estimate.hpp"

#include <doctest/doctest.h>

#include "support.hpp"

namespace handloop::testing::force_estimate {
namespace {

// A pinch at rest whose motors hold gravity, pressed apart by what its pads press with.
struct Squeeze {
  HandModel model = pinch_hand();
  HandKinematics hand{model};
  HandState state = still(2, 0.0);
  ForceEstimate estimate;

  explicit Squeeze(const ObserverConfig& config = {}, const MotorConfig& motors = {})
      : estimate(config, motors, model) {}

  const FingerContact& after(int ticks, const JointVector& motor) {
    for (int i = 0; i < ticks; ++i) {
      estimate.update(hand, state);
      estimate.remember(state.time, motor);
      state.time += kPeriod;
    }
    return state.contact[0];
  }
};

TEST_CASE("what a resting motor exerts beyond gravity is what its pad presses with") {
  Squeeze squeeze;
  const FingerContact& thumb = squeeze.after(200, joints({3.0, 1.5}));
  CHECK(thumb.touching);
  CHECK(thumb.force.x() == doctest::Approx(3.0).epsilon(1e-3));
  CHECK(squeeze.state.contact[1].force.x() == doctest::Approx(1.5).epsilon(1e-3));
  CHECK(thumb.slip_speed == 0.0);
  CHECK((thumb.normal - Vec3::UnitZ()).norm() == 0.0);
}

TEST_CASE("a touch begins above one force and ends below another") {
  ObserverConfig config;
  config.touch_on = 0.25;
  config.touch_off = 0.12;
  Squeeze squeeze(config);
  CHECK_FALSE(squeeze.after(200, joints({0.2, 0.0})).touching);
  CHECK(squeeze.after(200, joints({0.3, 0.0})).touching);
  CHECK(squeeze.after(200, joints({0.2, 0.0})).touching);
  CHECK_FALSE(squeeze.after(200, joints({0.1, 0.0})).touching);
}

TEST_CASE("friction of unknown direction has to be stood out from") {
  MotorConfig motors;
  motors.count = 2;
  motors.motor[0].friction.coulomb = 0.5;
  Squeeze squeeze({}, motors);
  CHECK_FALSE(squeeze.after(200, joints({0.8, 0.0})).touching);
  CHECK(squeeze.after(200, joints({2.4, 0.0})).touching);
}

TEST_CASE("a motor's own current comes before what it was told") {
  MotorConfig motors;
  motors.count = 2;
  motors.motor[0].torque_constant = 2.0;
  Squeeze squeeze({}, motors);
  squeeze.state.current = joints({0.7, 0.0});
  CHECK(squeeze.after(200, joints({9.0, 9.0})).force.x() == doctest::Approx(1.4).epsilon(1e-3));
}

TEST_CASE("a late sample is set against the torque of its own time") {
  Squeeze squeeze;
  squeeze.after(100, joints({0.0, 0.0}));
  for (int i = 0; i < 5; ++i) {  // the plant has not yet seen these
    squeeze.estimate.remember(squeeze.state.time + i * kPeriod, joints({50.0, 50.0}));
  }
  squeeze.estimate.update(squeeze.hand, squeeze.state);
  CHECK(std::abs(squeeze.state.contact[0].force.x()) < 1e-9);
}

TEST_CASE("the joints of a whole finger tell all three components of a force") {
  const HandModel model = random_hand(31);
  HandKinematics hand(model);
  Random random(32);
  const Vec3 pressed = 2.0 * random_vector(random);
  HandState state = still(9, 0.0);
  state.q = random_joints(random, 9, 0.5);
  hand.update_position(state.q);
  const JointVector motor = hand.gravity_torque() + hand.tip_jacobian(1).transpose() * pressed;
  ObserverConfig config;
  config.force_prior = 1e3;
  ForceEstimate estimate(config, {}, model);
  for (int i = 0; i < 200; ++i) {
    estimate.update(hand, state);
    estimate.remember(state.time, motor);
    state.time += kPeriod;
  }
  const Vec3 on_skin = hand.tip_rotation(1).transpose() * pressed;
  const FingerContact& c = state.contact[1];
  CHECK((Vec3(c.force.y(), c.force.z(), c.force.x()) - on_skin).norm() < 0.01);
}

TEST_CASE("a controller that feels by its motors holds a pinch without any skin") {
  const HandModel model = pinch_hand();
  ControllerConfig config = config_for(model);
  config.observer.force_source = ForceSource::kMotors;
  Controller controller(model, config);
  JointTrajectory t;
  t.add(0.0, JointVector::Zero(2));
  t.add(0.2, JointVector::Constant(2, 0.1));
  controller.set_trajectory(t);
  HandState state = still(2, 0.0);  // held fast by what stands between the pads
  for (int i = 0; i < 1000; ++i) {
    state.time = kPeriod * i;
    controller.tick(state, state.time);
  }
  CHECK(controller.task().gripping(0));
  CHECK(controller.force_feedback().finger(0).normal ==
        doctest::Approx(controller.command().effort[0]).epsilon(0.02));
}

}  // namespace
}  // namespace handloop::testing::force_estimate
