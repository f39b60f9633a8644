// The rig against closed forms, and what it promises whatever the servo is.

#include <doctest/doctest.h>

#include <numbers>

#include "handloop/actuator/rig_log.hpp"

namespace handloop::testing::actuator_rig {
namespace {

using namespace handloop::actuator;

constexpr double kStep = 0.0005;  // [s]
constexpr RigLoad kArm = {.mass = 0.5, .length = 0.1};

RigServo without_friction() {
  RigServo s;
  s.gain = 0.005;
  return s;
}

// Where and how fast a rig is after some time at a duty.
Rig driven(const RigServo& servo, const RigLoad& load, double duty, double seconds) {
  Rig rig(servo, load);
  rig.place(0.0);
  for (int k = 0; k < seconds / kStep; ++k) rig.step_at(kStep, duty, 6.0, true);
  return rig;
}

// The times at which a swing that begins at rest at `amplitude` turns round, twice a period.
double period_of_swing(const RigServo& servo, const RigLoad& load, double amplitude) {
  Rig rig(servo, load);
  rig.place(amplitude);
  double before = 0.0, time = 0.0, last = 0.0;
  int turns = 0;
  for (int k = 1; turns < 4; ++k) {
    rig.step_at(kStep, 0.0, 0.0, false);
    if (before * rig.velocity() < 0.0) ++turns, last = time;
    before = rig.velocity();
    time = k * kStep;
  }
  return last / 2.0;
}

TEST_CASE("an open bridge without friction swings with the period of a pendulum, and for ever") {
  const RigServo servo = without_friction();
  const double inertia = servo.inertia + kArm.turning_inertia();
  const double small = 2.0 * std::numbers::pi * std::sqrt(inertia / (0.5 * 9.81 * 0.1));
  const double amplitude = 0.4;  // whose period is longer: Huygens' series to the fourth power
  const double a2 = amplitude * amplitude;
  const double expected = small * (1.0 + a2 / 16.0 + 11.0 * a2 * a2 / 3072.0);
  CHECK(period_of_swing(servo, kArm, amplitude) == doctest::Approx(expected).epsilon(1e-3));

  Rig rig(servo, kArm);
  rig.place(amplitude);
  double highest = 0.0;
  for (int k = 0; k < 60.0 / kStep; ++k) {
    rig.step_at(kStep, 0.0, 0.0, false);
    if (k * kStep > 58.0) highest = std::max(highest, rig.position());
  }
  CHECK(highest == doctest::Approx(amplitude).epsilon(1e-3));
}

TEST_CASE("without load it reaches the speed at which friction and back-EMF take all") {
  RigServo servo = without_friction();
  servo.friction.coulomb = 0.03;
  servo.friction.viscous = 0.004;
  const double slope = servo.torque_constant / servo.resistance;
  for (const double duty : {-1.0, 0.3, 0.8}) {
    const double expected =
        (slope * std::abs(duty) * 6.0 - 0.03) / (slope * servo.back_emf + 0.004);
    CHECK(driven(servo, {}, duty, 3.0).velocity() ==
          doctest::Approx(std::copysign(expected, duty)).epsilon(1e-9));
  }
}

TEST_CASE("a supply that sags slows it, and a limit bounds its current") {
  RigServo servo = without_friction();
  servo.supply_resistance = 1.0;
  const Rig rig = driven(servo, {}, 1.0, kStep);  // told is the middle of the step
  const double back_emf = 0.5 * servo.back_emf * rig.velocity();
  CHECK(rig.current() == doctest::Approx((6.0 - back_emf) / 4.4).epsilon(1e-12));
  servo.current_max = 0.5;
  CHECK(driven(servo, {}, -1.0, kStep).current() == -0.5);
}

TEST_CASE("it breaks loose where the motor passes what sticks, and not before") {
  RigServo servo = without_friction();
  servo.friction.coulomb = 0.05;
  servo.friction.stribeck_coulomb = 0.02;
  const double duty = 0.07 * servo.resistance / servo.torque_constant / 6.0;
  CHECK(driven(servo, {}, 0.999 * duty, 1.0).position() == 0.0);
  CHECK(driven(servo, {}, 1.001 * duty, 1.0).position() > 0.0);
}

TEST_CASE("an arm stays where it was left while friction bears it, and falls from above") {
  RigServo servo = without_friction();
  servo.friction.coulomb = 0.1;
  servo.friction.load_external = 0.2;
  const double held = std::asin(0.1 / (0.5 * 9.81 * 0.1) / 0.8);
  for (const double part : {0.99, 1.01}) {
    Rig rig(servo, kArm);
    rig.place(part * held);
    for (int k = 0; k < 2000; ++k) rig.step_at(kStep, 0.0, 0.0, false);
    CHECK((rig.position() == part * held) == (part < 1.0));
  }
}

TEST_CASE("between its pulses a bridge that shorts the winding brakes, an open one does not") {
  RigServo servo = without_friction();
  servo.off_braking = 1.0;
  Rig rig(servo, {});
  rig.place(0.0, 2.0);
  for (int k = 0; k < 0.1 / kStep; ++k) rig.step_at(kStep, 0.0, 6.0, false);
  const double rate = servo.torque_constant * servo.back_emf / servo.resistance / servo.inertia;
  CHECK(rig.velocity() == doctest::Approx(2.0 * std::exp(-0.1 * rate)).epsilon(1e-2));

  servo.braking = 0.0;  // so that the drop of speed hangs on the duty alone
  CHECK(driven(servo, {}, 0.25, 2.0).velocity() == doctest::Approx(6.0 / servo.back_emf));
}

TEST_CASE("in its play the load swings alone; without play, or little of it, with the rotor") {
  RigServo servo = without_friction();
  servo.friction.coulomb = 0.05;
  servo.backlash = 0.5;  // more than twice the amplitude below
  const double alone = 2.0 * std::numbers::pi * std::sqrt(0.1 / 9.81);
  CHECK(period_of_swing(servo, kArm, 0.1) == doctest::Approx(alone * 1.000625).epsilon(1e-3));

  servo.backlash = 0.0;
  const Rig without = driven(servo, kArm, 0.5, 0.3);
  servo.backlash = 1e-6;
  const Rig with = driven(servo, kArm, 0.5, 0.3);
  CHECK(with.position() == doctest::Approx(without.position()).epsilon(1e-3));
}

TEST_CASE("gear and load never get further apart than the play, whatever pulls at them") {
  RigServo servo = without_friction();
  servo.friction.coulomb = 100.0;  // the gear stands where it is
  servo.backlash = 0.06;
  const double give = 0.0005;  // of the gear, when it is struck
  Rig rig(servo, kArm);
  rig.place(1.0);
  for (int k = 0; k < 3.0 / kStep; ++k) {
    rig.step_at(kStep, 0.0, 0.0, false);
    REQUIRE(std::abs(rig.position() - 1.0) < 0.03 + give);
  }
  CHECK(std::abs(rig.position() - 0.97) < give);
  CHECK(std::abs(rig.velocity()) < 1e-12);
}

RigLog held_at(double goal, int samples) {
  RigLog log;
  log.load = kArm;
  for (int k = 0; k < samples; ++k) log.time.push_back(0.004 * k);
  const auto n = log.time.size();
  log.goal.assign(n, goal);
  log.gain.assign(n, 400.0);
  log.voltage.assign(n, 6.0);
  log.driven.assign(n, 1);
  return log;
}

TEST_CASE("a log is the same in finer steps, in counts, and later by the delay") {
  const RigLog log = held_at(0.5, 500);
  RigServo servo = without_friction();
  servo.friction.coulomb = 0.02;
  std::vector<RigSample> coarse(500), fine(500);
  simulate(servo, log, 0.002, coarse);
  simulate(servo, log, 0.0001, fine);
  for (std::size_t k = 0; k < 500; ++k) {
    REQUIRE(std::abs(coarse[k].position - fine[k].position) < 0.01);
  }
  servo.resolution = 0.01;
  simulate(servo, log, 0.001, coarse);
  const double counts = coarse.back().position / 0.01;
  CHECK(counts == doctest::Approx(std::round(counts)));
  CHECK(coarse.back().position > 0.2);

  servo.resolution = 0.0;
  RigLog told = held_at(0.0, 500);
  for (std::size_t k = 100; k < 500; ++k) told.goal[k] = 0.5;
  servo.delay = 0.02;
  simulate(servo, told, 0.001, coarse);
  CHECK(coarse[105].position == 0.0);
  CHECK(coarse[107].position > 0.0);
}

TEST_CASE("a log that has its duty plays that, whatever the goal is") {
  RigLog log = held_at(-1.0, 300);
  log.duty.assign(300, 0.2);
  std::vector<RigSample> samples(300);
  simulate(without_friction(), log, 0.001, samples);
  CHECK(samples.back().duty == 0.2);
  CHECK(samples[20].position > 0.0);
}

}  // namespace
}  // namespace handloop::testing::actuator_rig
