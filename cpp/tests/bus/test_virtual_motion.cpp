// What virtual servos do at their shafts, against closed forms and the manual's rules.
#include <cmath>

#include "handloop/actuator/rig.hpp"
#include "virtual_support.hpp"

namespace handloop::testing::virtual_motion {
namespace {

using doctest::Approx;
using dxl::Error;

// A servo in a mode, with torque on.
class Driven : public Host {
 public:
  Driven(const vs::VirtualBusConfig& config, std::int64_t mode, bool torque = true) : Host(config) {
    REQUIRE(write(1, Role::kOperatingMode, mode) == Error::kNone);
    if (torque) REQUIRE(write(1, Role::kTorqueEnable, 1) == Error::kNone);
  }
  vs::FreeInertias& gears() { return dynamic_cast<vs::FreeInertias&>(bus.mechanics()); }
  double current() { return bus.servo(0).motor().current(); }
};

TEST_CASE("position mode goes to its goal and stays there") {
  for (const std::int64_t mode : {3, 4, 5}) {
    for (const bool small : {false, true}) {
      Driven host(small ? x330_bus({1}) : x430_bus({1}), mode, false);
      // The current that the manual's gains give a position law in mode 5 wants damping.
      if (mode == 5) host.write(1, Role::kPositionD, small ? 1500 : 2000);
      host.write(1, Role::kTorqueEnable, 1);
      CHECK(host.get(0, Role::kGoalPosition) == host.get(0, Role::kPresentPosition));
      host.write(1, Role::kGoalPosition, 3072);
      host.wait(50 * kMs);
      CHECK(host.get(0, Role::kMoving) == 1);
      host.wait(2500 * kMs);
      CAPTURE(mode);
      CAPTURE(small);
      CHECK(std::abs(host.get(0, Role::kPresentPosition) - 3072) < 15);
      CHECK(host.bus.shaft(0).position == Approx(1.5707963).epsilon(0.02));
      CHECK(host.get(0, Role::kMoving) == 0);
      CHECK((host.get(0, Role::kMovingStatus) & 3) == 1);
    }
  }
}

TEST_CASE("a profile has the speed and the ramp it was given") {
  Driven host(x430_bus({1}), 3);
  host.write(1, Role::kProfileVelocity, 100);     // 22.9 rev/min: 1.563 counts/ms
  host.write(1, Role::kProfileAcceleration, 20);  // 0.00488 counts/ms2, 320 ms long
  host.write(1, Role::kGoalPosition, 4000);
  host.wait(800 * kMs);
  CHECK(host.get(0, Role::kVelocityTrajectory) == 100);
  CHECK(host.get(0, Role::kPresentVelocity) == Approx(100).epsilon(0.12));
  CHECK((host.get(0, Role::kMovingStatus) & 0x32) == 0x32);  // a trapezoid, under way
  host.wait(1500 * kMs);
  CHECK(host.get(0, Role::kPositionTrajectory) == 4000);
  CHECK(host.get(0, Role::kVelocityTrajectory) == 0);
}

TEST_CASE("a profile ends on its goal in the time of the closed form") {
  vs::MotionProfile profile;
  for (const double goal : {1000.0, -37.0, 3.0}) {
    profile.reset(0.0);
    profile.aim(goal, 2.0, 0.01);
    double most = 0.0;
    int time = 0;
    while (profile.ongoing() && time < 10000) {
      const double before = profile.velocity();
      profile.step();
      REQUIRE(std::abs(profile.velocity() - before) < 0.0100001 + (profile.ongoing() ? 0.0 : 0.02));
      most = std::max(most, std::abs(profile.velocity()));
      ++time;
    }
    CHECK(profile.position() == goal);
    const double d = std::abs(goal), peak = std::min(2.0, std::sqrt(d * 0.01));
    CHECK(most == Approx(peak).epsilon(0.2));
    CHECK(time == Approx(d / peak + peak / 0.01).epsilon(0.12));
  }
  for (const double ramp : {50.0, 125.0, 200.0}) {  // half of the time is the longest there is
    profile.reset(0.0);
    profile.aim_in_time(500.0, 250.0, ramp);
    int time = 0;
    while (profile.ongoing() && time < 1000) {
      profile.step();
      ++time;
    }
    CHECK(std::abs(time - 250) <= 4);
  }
}

TEST_CASE("velocity mode holds its speed, with a ramp if asked") {
  Driven host(x430_bus({1}), 1);
  host.write(1, Role::kGoalVelocity, -120);
  host.wait(1500 * kMs);
  CHECK(host.get(0, Role::kPresentVelocity) == Approx(-120).epsilon(0.05));
  CHECK(host.bus.shaft(0).velocity == Approx(-120 * 0.0239808).epsilon(0.02));
  host.write(1, Role::kProfileAcceleration, 10);  // 0.156 units/ms
  host.write(1, Role::kGoalVelocity, 120);
  host.wait(500 * kMs);
  CHECK(host.get(0, Role::kVelocityTrajectory) == Approx(-120 + 78).epsilon(0.05));
}

TEST_CASE("in current mode the torque is the constant times the current") {
  Driven host(x430_bus({1}), 0, false);
  host.write(1, Role::kGoalCurrent, 100);
  host.write(1, Role::kTorqueEnable, 1);
  host.bus.mechanics().jam(0, true);
  host.wait(100 * kMs);
  CHECK(host.current() == Approx(0.269).epsilon(0.01));
  CHECK(host.get(0, Role::kPresentCurrent) == Approx(100).epsilon(0.01));
  // Free, it turns up with Kt i less the friction, against its inertia.
  host.bus.mechanics().jam(0, false);
  host.wait(50 * kMs);
  const double before = host.bus.shaft(0).velocity;
  host.wait(10 * kMs);
  const double torque = 1.78 * host.current() - 0.10 - 0.02 * host.bus.shaft(0).velocity;
  CHECK((host.bus.shaft(0).velocity - before) / 0.010 == Approx(torque / 0.01).epsilon(0.05));
}

TEST_CASE("an X330 senses what its bridge draws, not what its winding carries") {
  Driven host(x330_bus({1}), 0, false);
  host.write(1, Role::kGoalCurrent, -300);
  host.write(1, Role::kTorqueEnable, 1);
  host.bus.mechanics().jam(0, true);
  host.wait(300 * kMs);
  CHECK(host.get(0, Role::kPresentCurrent) == Approx(-300).epsilon(0.02));
  CHECK(host.bus.servo(0).duty() * host.current() == Approx(0.3).epsilon(0.02));
  // duty V / R in the winding, duty^2 V / R in the supply.
  CHECK(host.current() ==
        Approx(-std::sqrt(0.3 * host.bus.supply().voltage() / 3.4)).epsilon(0.03));
}

TEST_CASE("the current limit holds in every mode") {
  for (const std::int64_t mode : {0, 1, 3, 4, 5, 16}) {
    for (const bool small : {false, true}) {
      Driven host(small ? x330_bus({1}) : x430_bus({1}), mode, false);
      const std::int64_t limit = small ? 200 : 75;  // 0.2 A
      REQUIRE(host.write(1, Role::kCurrentLimit, limit) == Error::kNone);
      host.write(1, Role::kTorqueEnable, 1);
      host.write(1, Role::kGoalVelocity, 200);
      host.write(1, Role::kGoalPwm, 885);
      host.write(1, Role::kGoalPosition, 4095);
      double most = 0.0;
      for (int n = 0; n < 600; ++n) {
        if (n == 300) host.bus.mechanics().jam(0, true);
        host.wait(kMs);
        most = std::max(most, std::abs(host.bus.servo(0).motor().sensed_current()));
      }
      CAPTURE(mode);
      CHECK(most < 0.2025);
      CHECK(std::abs(host.bus.servo(0).motor().sensed_current()) > 0.195);
    }
  }
}

TEST_CASE("the goal PWM holds in every mode") {
  for (const std::int64_t mode : {0, 1, 3, 4, 5, 16}) {
    Driven host(x430_bus({1}), mode);
    host.write(1, Role::kGoalPwm, 100);
    host.write(1, Role::kGoalVelocity, 200);
    host.write(1, Role::kGoalPosition, 4095);
    host.wait(300 * kMs);
    CAPTURE(mode);
    CHECK(host.get(0, Role::kPresentPwm) == 100);
    CHECK(host.bus.servo(0).duty() == Approx(100.0 / 885.0));
  }
}

TEST_CASE("a stalled servo shuts down, says so, and only a reboot helps") {
  Driven host(x430_bus({1}), 3);
  host.bus.mechanics().jam(0, true);
  host.write(1, Role::kGoalPosition, 4000);
  host.wait(800 * kMs);
  CHECK(host.get(0, Role::kTorqueEnable) == 1);
  host.wait(400 * kMs);
  CHECK(host.get(0, Role::kTorqueEnable) == 0);
  CHECK(host.get(0, Role::kHardwareError) == vs::kOverload);
  CHECK(host.current() == 0.0);
  CHECK(host.one(dxl::ping(host.w, 1)).alert);
  host.write(1, Role::kShutdown, 0);
  host.write(1, Role::kTorqueEnable, 1);
  CHECK(host.get(0, Role::kTorqueEnable) == 0);
  host.one(dxl::reboot(host.w, 1));
  host.wait(400 * kMs);
  CHECK_FALSE(host.one(dxl::ping(host.w, 1)).alert);
  host.write(1, Role::kTorqueEnable, 1);
  CHECK(host.get(0, Role::kTorqueEnable) == 1);
}

TEST_CASE("a hot servo shuts down, a masked error only alerts") {
  Driven hot(x430_bus({1}), 3);
  hot.bus.servo(0).motor().set_temperature(85.0);
  hot.wait(5 * kMs);
  CHECK(hot.get(0, Role::kHardwareError) == vs::kOverheating);
  CHECK(hot.get(0, Role::kPresentTemperature) == 85);
  CHECK(hot.get(0, Role::kTorqueEnable) == 0);
  Driven masked(x430_bus({1}), 3, false);
  masked.write(1, Role::kShutdown, 0);
  masked.write(1, Role::kTorqueEnable, 1);
  masked.bus.servo(0).motor().set_temperature(85.0);
  masked.wait(5 * kMs);
  CHECK(masked.get(0, Role::kTorqueEnable) == 1);
  CHECK(masked.one(dxl::ping(masked.w, 1)).alert);
}

TEST_CASE("a low supply is an error, a lower one a reset") {
  Driven host(x430_bus({1}), 3);
  host.bus.supply().set_source(9.7);
  host.wait(5 * kMs);
  CHECK(host.get(0, Role::kHardwareError) == 0);
  host.bus.supply().set_source(9.0);
  host.wait(5 * kMs);
  CHECK(host.get(0, Role::kHardwareError) == vs::kInputVoltage);
  CHECK(host.get(0, Role::kPresentVoltage) == 90);
  CHECK(host.get(0, Role::kTorqueEnable) == 1);  // voltage is not in this series' shutdown
  host.bus.supply().set_source(3.0);
  host.wait(5 * kMs);
  CHECK(host.one(dxl::ping(host.w, 1)).id == -1);
  host.bus.supply().set_source(12.0);
  host.wait(300 * kMs);
  CHECK(host.one(dxl::ping(host.w, 1)).id == -1);
  host.wait(50 * kMs);
  CHECK(host.one(dxl::ping(host.w, 1)).id == 1);
  CHECK(host.get(0, Role::kTorqueEnable) == 0);
  CHECK(host.get(0, Role::kHardwareError) == 0);
}

TEST_CASE("the supply sags under all motors together") {
  auto config = x430_bus({1, 2, 3, 4});
  config.supply_resistance = 0.3;
  Host host(config);
  for (std::uint8_t id = 1; id <= 4; ++id) {
    host.write(id, Role::kOperatingMode, 16);
    host.write(id, Role::kTorqueEnable, 1);
    host.write(id, Role::kGoalPwm, 885);
    host.bus.mechanics().jam(id - 1U, true);
  }
  host.wait(200 * kMs);
  // 4 x (V / R(T) + standby) through 0.3 ohm, the winding a little warm.
  const double r =
      12.0 / 4.0 * 0.0 + 5.2 * (1 + 0.00393 * (host.bus.servo(0).motor().winding() - 25));
  const double expected = (12.0 - 0.3 * 4 * 0.04) / (1 + 0.3 * 4 / r);
  CHECK(host.bus.supply().voltage() == Approx(expected).epsilon(0.01));
}

TEST_CASE("a stalled motor warms up as two bodies do") {
  vs::MotorFigures figures;
  vs::VirtualMotor motor(figures);
  const double duty = 0.2;
  double joule = 0.0;
  for (int n = 0; n < 2'000'000; ++n) {
    motor.step(1e-3, true, duty, 12.0, 0.0);
    joule = motor.current() * duty * 12.0;
  }
  CHECK(motor.housing() == Approx(25.0 + 7.0 * joule).epsilon(0.02));
  CHECK(motor.winding() == Approx(25.0 + 15.0 * joule).epsilon(0.02));
}

TEST_CASE("a bus watchdog stops a servo whose host has gone") {
  Driven host(x430_bus({1}), 1);
  host.write(1, Role::kGoalVelocity, 50);
  host.write(1, Role::kBusWatchdog, 5);  // 100 ms
  for (int n = 0; n < 5; ++n) {
    host.wait(90 * kMs);
    host.raw(dxl::ping(host.w, 77), kMs);  // any instruction feeds it
  }
  CHECK(host.get(0, Role::kBusWatchdog) == 5);
  host.wait(110 * kMs);
  CHECK(host.get(0, Role::kBusWatchdog) == -1);
  CHECK(host.one(dxl::read(host.w, 1, 98, 1)).data == hex("FF"));
  host.wait(500 * kMs);
  CHECK(std::abs(host.bus.shaft(0).velocity) < 0.01);
  CHECK(host.write(1, Role::kGoalVelocity, 150) == Error::kDataRange);
  CHECK(host.write(1, Role::kBusWatchdog, 0) == Error::kNone);
  CHECK(host.write(1, Role::kGoalVelocity, 150) == Error::kNone);
}

TEST_CASE("the watchdog sleeps while torque is off") {
  Driven host(x430_bus({1}), 3, false);
  host.write(1, Role::kBusWatchdog, 1);
  host.wait(500 * kMs);
  CHECK(host.get(0, Role::kBusWatchdog) == 1);
}

TEST_CASE("a new mode brings its gains and forgets profile and goals") {
  Driven host(x430_bus({1}), 3, false);
  host.write(1, Role::kPositionP, 1);
  host.write(1, Role::kProfileVelocity, 100);
  host.write(1, Role::kGoalCurrent, 7);
  host.write(1, Role::kOperatingMode, 5);
  CHECK(host.get(0, Role::kPositionP) == 800);
  CHECK(host.get(0, Role::kProfileVelocity) == 0);
  CHECK(host.get(0, Role::kGoalCurrent) == 1193);
  CHECK(host.get(0, Role::kGoalPwm) == 885);
}

TEST_CASE("position counts turns, but not in position mode") {
  Driven host(x430_bus({1}), 4, false);
  host.gears().place(0, 2.0 * 6.283185307179586 + 0.001);
  host.wait(2 * kMs);
  CHECK(host.get(0, Role::kPresentPosition) == 2048 + 8192);
  host.write(1, Role::kOperatingMode, 3);
  CHECK(host.get(0, Role::kPresentPosition) == 2048);
  host.write(1, Role::kHomingOffset, 100);
  CHECK(host.get(0, Role::kPresentPosition) == 2148);
  // Also when torque comes on after somebody has turned it by hand.
  host.gears().place(0, 6.283185307179586 + 0.001);
  host.wait(2 * kMs);
  CHECK(host.get(0, Role::kPresentPosition) == 2148 - 4096);
  host.write(1, Role::kTorqueEnable, 1);
  CHECK(host.get(0, Role::kPresentPosition) == 2148);
}

TEST_CASE("reverse mode turns the signs round") {
  Driven host(x430_bus({1}), 3, false);
  host.write(1, Role::kDriveMode, 1);
  host.write(1, Role::kTorqueEnable, 1);
  const std::int64_t goal = host.get(0, Role::kPresentPosition) + 500;
  host.write(1, Role::kGoalPosition, goal);
  host.wait(1000 * kMs);
  CHECK(std::abs(host.get(0, Role::kPresentPosition) - goal) < 20);
  CHECK(host.bus.shaft(0).position < -0.7);
}

TEST_CASE("torque may come with the goal, if the drive mode says so") {
  Driven host(x430_bus({1}), 3, false);
  host.write(1, Role::kDriveMode, 8);
  host.write(1, Role::kGoalPosition, 2500);
  CHECK(host.get(0, Role::kTorqueEnable) == 1);
  host.wait(1000 * kMs);
  CHECK(host.get(0, Role::kPresentPosition) == Approx(2500).epsilon(0.01));
}

TEST_CASE("a joint stands at its end stops, where its motor stalls") {
  auto config = x430_bus({1});
  config.servos[0].stops = {-0.5, 0.7};
  Driven host(config, 16);
  for (const int side : {-1, 1}) {
    host.write(1, Role::kGoalPwm, 300 * side);
    host.wait(1000 * kMs);
    const vs::Shaft& shaft = host.bus.shaft(0);
    CHECK(shaft.position == Approx(side > 0 ? 0.7 : -0.5).epsilon(1e-9));
    CHECK(shaft.velocity == 0.0);
    CHECK(host.current() == Approx(side * 300 / 885.0 * 12.0 / 5.2).epsilon(0.02));
  }
  host.gears().load(0, -100.0);  // a stop bears any load, and lets go of the other way
  host.write(1, Role::kTorqueEnable, 0);
  host.wait(1000 * kMs);
  CHECK(host.bus.shaft(0).position == Approx(-0.5).epsilon(1e-9));
}

TEST_CASE("the gear has play") {
  vs::FreeInertias gears({{.inertia = 0.01, .coulomb = 0.0, .viscous = 0.0, .backlash = 0.1}});
  std::array<double, 1> torque{0.1};
  std::array<vs::Shaft, 1> shaft;
  double farthest = 0.0;
  for (int n = 0; n < 2000; ++n) {
    if (n == 500) torque[0] = -0.1;
    gears.step(1e-3, torque, shaft);
    farthest = std::max(farthest, shaft[0].position);
  }
  // Pushed over 1.25 rad and again as far until it stands, less half of the play.
  CHECK(farthest == Approx(2.5 - 0.05).epsilon(0.01));
}

TEST_CASE("an arm is beyond the play, and moves as on the rig that servos are identified with") {
  const vs::GearFigures figures = {
      .inertia = 1e-3, .coulomb = 0.02, .viscous = 0.003, .backlash = 0.02};
  vs::FreeInertias gears({figures});
  gears.hang(0, 2e-3, 0.2);
  gears.place(0, 0.3);
  actuator::RigServo servo;
  servo.torque_constant = servo.resistance = 1.0;
  servo.back_emf = 0.0;
  servo.inertia = figures.inertia;
  servo.friction = {.coulomb = figures.coulomb, .viscous = figures.viscous};
  servo.backlash = figures.backlash;
  actuator::Rig rig(servo, {.mass = 0.2, .length = 0.1, .gravity = 10.0});
  rig.place(0.3);
  std::array<vs::Shaft, 1> shaft;
  double apart = 0.0;
  for (int n = 0; n < 3000; ++n) {
    const std::array<double, 1> torque{0.1 * std::sin(0.01 * n)};
    gears.step(1e-3, torque, shaft);
    rig.step_at(1e-3, torque[0], 1.0, true);
    CHECK(shaft[0].position == Approx(rig.position()).epsilon(1e-9));
    apart = std::max(apart, std::abs(shaft[0].velocity - rig.velocity()));
  }
  CHECK(apart > 0.1);  // the gear crossed its play on its own
}

TEST_CASE("an arm swings freely in the play of a gear that friction holds") {
  vs::FreeInertias gears({{.inertia = 1e-3, .coulomb = 0.1, .viscous = 0.0, .backlash = 0.4}});
  gears.hang(0, 1e-2, 1.0);  // 10 rad/s
  std::array<vs::Shaft, 1> shaft;
  std::array<double, 1> torque{0.0};
  gears.place(0, 0.09);
  gears.step(0.0, torque, shaft);
  CHECK(shaft[0].position == 0.09);
  for (int n = 0; n < 314; ++n) gears.step(1e-3, torque, shaft);  // half a period
  CHECK(shaft[0].position == Approx(-0.09).epsilon(1e-3));
  gears.jam(0, true);
  const double stuck = shaft[0].position;
  for (int n = 0; n < 100; ++n) gears.step(1e-3, torque, shaft);
  CHECK(shaft[0].position == stuck);
  gears.jam(0, false);
  gears.stop_at(0, {.low = -0.01, .high = 0.01});
  for (int n = 0; n < 1000; ++n) {
    gears.step(1e-3, torque, shaft);
    CHECK(std::abs(shaft[0].position) <= 0.01);
  }
}

}  // namespace
}  // namespace handloop::testing::virtual_motion
