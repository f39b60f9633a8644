#include "handloop/actuator/joint_drive.hpp"

#include <doctest/doctest.h>

#include "actuator_rig.hpp"

namespace handloop::testing::joint_drive {
namespace {

using actuator::Command;
using actuator::Figures;

// The same motor as MuJoCo's own. Its K is our Ke; with Kt apart, its R takes up the difference.
std::string dcmotor(const Figures& f, const std::string& more) {
  return "<dcmotor name=\"m\" joint=\"j\" motorconst=\"0 " + std::to_string(f.back_emf) +
         "\" resistance=\"" + std::to_string(f.resistance * f.back_emf / f.torque_constant) +
         "\" " + more + "/>";
}

// The largest difference of speeds to MuJoCo's motor, as a part of the fastest.
template <typename Told>
double speed_difference(const Figures& f, double mass, const std::string& more, int steps,
                        const Told& told) {
  ActuatorRig rig(f, mass);
  rig.start();
  const ModelPointer m = bar(f.inertia, mass, dcmotor(f, more));
  const DataPointer d(mj_makeData(m.get()));
  double largest = 0.0, fastest = 0.0;
  for (int i = 0; i < steps; ++i) {
    d->ctrl[0] = told(i);
    mj_step(m.get(), d.get());
    rig.step(told(i));
    largest = std::max(largest, std::abs(rig.speed() - d->qvel[0]));
    fastest = std::max(fastest, std::abs(d->qvel[0]));
  }
  REQUIRE(fastest > 1.0);
  return largest / fastest;
}

TEST_CASE("a voltage step runs up as MuJoCo's dcmotor does") {
  Figures f = plain_servo();
  f.command = Command::kVoltage;
  const auto step = [](int) { return 12.0; };
  CHECK(speed_difference(f, 1e-3, "", 500, step) < 1e-9);
  CHECK(speed_difference(f, 0.5, "", 500, step) < 1e-9);
  f.torque_constant = 1.304;
  CHECK(speed_difference(f, 0.5, "", 500, step) < 1e-5);  // R is rounded in the XML
}

TEST_CASE("a current that takes its time is that of MuJoCo's dcmotor") {
  Figures f = plain_servo();
  f.command = Command::kVoltage;
  f.inductance = 0.05;
  const auto step = [](int i) { return i < 250 ? 12.0 : -6.0; };
  CHECK(speed_difference(f, 0.2, "inductance=\"0.05 0\"", 500, step) < 1e-3);
}

TEST_CASE("a torque ends where MuJoCo's dcmotor has no more voltage") {
  const auto wave = [](int i) { return 2.5 * std::sin(0.01 * i); };
  CHECK(speed_difference(plain_servo(), 0.05,
                         "input=\"ff\" controller=\"0 0 0 0 0 12\" saturation=\"3 0 0\"", 2000,
                         wave) < 1e-9);
}

TEST_CASE("a winding of one node warms and loses torque as MuJoCo's dcmotor does") {
  Figures f = plain_servo();
  f.command = Command::kVoltage;
  f.inertia = 4e3;  // it stands
  f.thermal = {6.0, 1.0, 3.0, 1e12, 200.0};
  ActuatorRig rig(f, 1e-3, 0.01);
  rig.start();
  const ModelPointer m = bar(f.inertia, 1e-3, dcmotor(f, "thermal=\"6 3 0 0.00393 25 25\""), 0.01);
  const DataPointer d(mj_makeData(m.get()));
  double largest = 0.0, last = 0.0;
  d->ctrl[0] = 12.0;
  const double cold = 12.0 / f.resistance;
  for (int i = 0; i < 6000; ++i) {
    mj_step(m.get(), d.get());
    rig.step(12.0);
    last = rig.sense().current[0];
    largest = std::max(largest, std::abs(last - d->actuator_force[0] / f.torque_constant));
  }
  CHECK(last < 0.75 * cold);
  CHECK(largest < 1e-3 * cold);
}

TEST_CASE("two nodes of heat are the closed form of their steady state and of their beginning") {
  Figures f = plain_servo();
  f.inertia = 4e3;
  f.thermal = {8.0, 12.0, 1.0, 2.0, 400.0};
  ActuatorRig rig(f, 1e-3, 0.01);
  rig.start();
  const double i = 0.5, told = i * f.torque_constant;
  rig.step(told);
  // The winding takes the heat first.
  CHECK(rig.sense().temperature[0] == doctest::Approx(25.0).epsilon(1e-5));
  for (int k = 0; k < 80000; ++k) rig.step(told);
  // P = i^2 R25 (1 + a (T - 25)), T - 25 = P (Rwh + Rha).
  const double p0 = i * i * f.resistance;
  const double p = p0 / (1.0 - kCopper * p0 * 20.0);
  CHECK(rig.sense().temperature[0] - 25.0 == doctest::Approx(p * 12.0).epsilon(1e-6));
}

TEST_CASE("what friction takes warms the housing") {
  Figures f = plain_servo();
  f.friction.coulomb = 0.1;
  f.command = Command::kVoltage;
  f.thermal = {1.0, 10.0, 1.0, 1.0, 400.0};
  ActuatorRig rig(f, 1e-3, kPeriod, 0.0);
  rig.start();
  for (int k = 0; k < 120000; ++k) rig.step(6.0);
  const double i = 0.1 / f.torque_constant;
  CHECK(rig.sense().current[0] == doctest::Approx(i).epsilon(1e-3));
  const double power = i * i * f.resistance + 0.1 * rig.speed();
  CHECK(rig.sense().temperature[0] - 25.0 == doctest::Approx(10.0 * power).epsilon(5e-3));
}

Figures sticky(double coulomb) {
  Figures f = plain_servo();
  f.friction.coulomb = coulomb;
  return f;
}

TEST_CASE("friction holds a load without creep, and lets go above its budget") {
  const double load = 0.3 * 9.81 * 0.1;  // [N m], of a bar held level
  ActuatorRig held(sticky(1.02 * load), 0.3);
  held.start(0.5 * std::numbers::pi);
  for (int i = 0; i < 1000; ++i) held.step(0.0);
  const double settled = held.position();
  CHECK(std::abs(settled - 0.5 * std::numbers::pi) < 1e-6);
  for (int i = 0; i < 60000; ++i) held.step(0.0);
  CHECK(std::abs(held.position() - settled) < 1e-12);

  ActuatorRig slides(sticky(0.9 * load), 0.3);
  slides.start(0.5 * std::numbers::pi);
  for (int i = 0; i < 20; ++i) slides.step(0.0);
  const double inertia = 0.004 + 0.3 * 0.01 + 1e-5;
  CHECK(slides.speed() == doctest::Approx(-0.02 * 0.1 * load / inertia).epsilon(1e-3));
}

TEST_CASE("a load that swings within the budget moves nothing, and nothing chatters") {
  ActuatorRig rig(sticky(0.2), 1e-3);
  rig.start();
  for (int i = 0; i < 5000; ++i) {
    rig.data->qfrc_applied[0] = 0.0;
    rig.data->xfrc_applied[6 + 4] = 0.199 * std::sin(0.05 * i);  // about the hinge's axis
    rig.step(0.0);
    CHECK(std::abs(rig.speed()) < 5e-5);
  }
  CHECK(std::abs(rig.position()) < 1e-6);
}

TEST_CASE("the budget of M6 is what a motion in MuJoCo loses") {
  Figures f = plain_servo();
  f.friction = {0.02, 0.01, 0.1, 0.06, 0.02, 0.02, 0.015, 0.4, 1.3, 0.05, 0.04};
  const double mass = 0.4, inertia = f.inertia + mass * 0.01 + 1e-5;
  ActuatorRig rig(f, mass);
  rig.start(0.3);
  double q = 0.3, w = 0.0, external = -mass * 9.81 * 0.1 * std::sin(q), largest = 0.0;
  for (int i = 0; i < 4000; ++i) {
    const double motor = 0.2 * std::sin(0.002 * i);
    rig.step(motor);
    // The plant knows the torque from outside a step late; so does this.
    const double most = f.friction.budget(w, motor, external);
    external = -mass * 9.81 * 0.1 * std::sin(q);
    const double stop = -(inertia / kPeriod * w + motor + external);
    w += kPeriod / inertia * (motor + external + std::clamp(stop, -most, most));
    q += kPeriod * w;
    largest = std::max(largest, std::abs(q - rig.position()));
  }
  MESSAGE("largest difference to a friction budget by hand: " << largest << " rad");
  CHECK(largest < 1e-3);
}

TEST_CASE("a bar that swings loses energy, and never gains any") {
  for (const double backlash : {0.0, 0.02}) {
    Figures f = sticky(0.004);
    f.friction.viscous = 1e-3;
    f.friction.load_external = 0.05;
    f.backlash = backlash;
    f.inertia = 4e-4;
    f.encoder_side = actuator::EncoderSide::kMotor;  // to see how fast the rotor is
    const double mass = 0.3, inertia = mass * 0.01 + 1e-5;
    ActuatorRig rig(f, mass, 1e-4);
    rig.start(1.5);
    double before = kInfinity, gained = 0.0;
    for (int i = 0; i < 100000; ++i) {
      rig.step(0.0);
      if (i % 1000 != 0) continue;  // MuJoCo's own steps swing by some 1e-4 of it
      const double rotor = rig.sense().dq[0];
      const double e = 0.5 * inertia * rig.speed() * rig.speed() + 0.5 * f.inertia * rotor * rotor +
                       mass * 9.81 * 0.1 * (1.0 - std::cos(rig.position()));
      gained = std::max(gained, e - before);
      before = e;
    }
    MESSAGE("backlash " << backlash << ": most energy gained " << gained << " J, left " << before);
    CHECK(gained < 1e-6);
    CHECK(before < 0.05);
  }
}

// A rotor in a gap of 0.1 rad, turned by 0.02 N m.
Figures loose() {
  Figures f = plain_servo();
  f.backlash = 0.1;
  return f;
}

TEST_CASE(
    "a rotor crosses its gap in the time that its inertia takes, and lands without a bounce") {
  const Figures f = loose();
  ActuatorRig rig(f, 0.5, 1e-4, 0.0);
  rig.start();
  const double torque = 0.02, joint = 0.5 * 0.01 + 1e-5;
  int steps = 0;
  while (rig.speed() == 0.0 && steps < 10000) {
    rig.step(torque);
    ++steps;
  }
  // From the middle: half the backlash = a t^2 / 2.
  const double time = std::sqrt(f.backlash * f.inertia / torque);
  CHECK(1e-4 * steps == doctest::Approx(time).epsilon(3e-3));
  const double before = torque * time / f.inertia;
  CHECK(rig.speed() == doctest::Approx(before * f.inertia / (f.inertia + joint)).epsilon(3e-3));
  // From then on they are one.
  const double speed = rig.speed();
  for (int i = 0; i < 100; ++i) rig.step(torque);
  CHECK(rig.speed() - speed == doctest::Approx(0.01 * torque / (f.inertia + joint)).epsilon(1e-6));
}

TEST_CASE("a rotor and its joint are MuJoCo's two hinges with a hard gap between them") {
  const Figures f = loose();
  const double step = 1e-4;
  ActuatorRig rig(f, 0.5, step, 0.0);
  const ModelPointer m = compile(R"(<mujoco><option integrator="implicitfast" timestep="0.0001"
      gravity="0 0 0"/><worldbody><body><joint name="j" axis="0 1 0" armature="0.004"/>
      <inertial pos="0 0 0" mass="1e-6" diaginertia="1e-9 1e-9 1e-9"/><body>
      <joint axis="0 1 0" range="-0.05 0.05" limited="true" solreflimit="0.0002 1"
        solimplimit="0.99 0.999 0.0001"/>
      <inertial pos="0 0 -0.1" mass="0.5" diaginertia="1e-5 1e-5 1e-5"/></body></body></worldbody>
      <compiler angle="radian"/><actuator><motor joint="j"/></actuator></mujoco>)");
  const DataPointer d(mj_makeData(m.get()));
  rig.start();
  double largest = 0.0, travel = 0.0;
  for (int i = 0; i < 10000; ++i) {
    const double torque = i < 3000 ? 0.02 : -0.02;
    d->ctrl[0] = torque;
    mj_step(m.get(), d.get());
    rig.step(torque);
    travel = std::max(travel, std::abs(rig.position()));
    largest = std::max(largest, std::abs(rig.position() - d->qpos[0] - d->qpos[1]));
  }
  MESSAGE("largest difference to two hinges: " << largest << " rad of " << travel);
  CHECK(largest < 0.01 * travel);
}

TEST_CASE("a joint within its play is free, and its motor's friction is not its own") {
  Figures f = loose();
  f.friction.coulomb = 0.5;
  ActuatorRig rig(f, 1e-3, kPeriod, 0.0);
  rig.start(0.0, 0.1);  // the rotor turns with it and stops at once
  for (int i = 0; i < 400; ++i) rig.step(0.0);
  CHECK(rig.speed() == doctest::Approx(0.1).epsilon(1e-9));
  for (int i = 0; i < 400; ++i) rig.step(0.0);  // until it meets the flank
  CHECK(std::abs(rig.speed()) < 1e-6);
  CHECK(rig.position() == doctest::Approx(0.05).epsilon(5e-3));
}

TEST_CASE("an encoder at the motor sees the rotor, one at the output the joint") {
  Figures f = loose();
  for (const auto side : {actuator::EncoderSide::kMotor, actuator::EncoderSide::kOutput}) {
    f.encoder_side = side;
    ActuatorRig rig(f, 0.5, kPeriod, 0.0);
    rig.start();
    for (int i = 0; i < 100; ++i) rig.step(0.02);
    const bool motor = side == actuator::EncoderSide::kMotor;
    const HandState state = rig.sense();
    CHECK(rig.position() == 0.0);
    CHECK(state.q[0] == doctest::Approx(motor ? 0.5 * 5.0 * 0.01 : 0.0).epsilon(0.03));
    CHECK(state.dq[0] == doctest::Approx(motor ? 0.5 : 0.0).epsilon(0.03));
  }
}

TEST_CASE("a jammed gear holds whatever its motor does") {
  ActuatorRig rig(sticky(0.01), 0.1);
  rig.start();
  rig.plant->jam(0, true);
  for (int i = 0; i < 500; ++i) rig.step(1.0);
  CHECK(std::abs(rig.speed()) < 1e-3);
  rig.plant->jam(0, false);
  for (int i = 0; i < 100; ++i) rig.step(1.0);
  CHECK(rig.speed() > 1.0);
}

}  // namespace
}  // namespace handloop::testing::joint_drive
