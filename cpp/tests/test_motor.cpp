// The motor stage against closed forms, and what it promises whatever is asked of it.

#include "handloop/motor.hpp"

#include <doctest/doctest.h>

#include "support.hpp"

namespace handloop::testing::motor {
namespace {

// One servo of the catalogue: 12 V, 3 N m at 2.3 A, 8.06 rad/s.
Motor servo() {
  Motor m;
  m.torque_constant = m.back_emf = 12.0 / 8.06;
  m.resistance = 12.0 / 2.3;
  return m;
}

Thermal small_thermal() {
  return {.winding_resistance = 10.0,
          .housing_resistance = 15.0,
          .winding_capacity = 3.0,
          .housing_capacity = 75.0,
          .winding_max = 100.0};
}

MotorConfig hand_of(const Motor& motor, int count = 1) {
  MotorConfig c;
  c.count = count;
  c.motor.fill(motor);
  return c;
}

ActuatorVector all(int count, double value) { return ActuatorVector::Constant(count, value); }

HandCommand asked(const ActuatorVector& effort) {
  HandCommand command;
  command.effort = effort;
  return command;
}

HandCommand asked(double effort) { return asked(all(1, effort)); }

TEST_CASE("without a configuration motors do what they are told") {
  Motors motors({}, kPeriod);
  HandCommand command = asked(joints({1.0, -250.0}));
  motors.deliver(command, all(2, 100.0), {});
  CHECK((command.effort - joints({1.0, -250.0})).norm() == 0.0);
  CHECK((command.current - command.effort).norm() == 0.0);
  CHECK(command.duty.norm() == 0.0);
  CHECK(motors.hottest().index == -1);
}

TEST_CASE("stall torque, no-load speed and the line between them") {
  MotorConfig config = hand_of(servo());
  config.rail[0].voltage = 12.0;
  Motors motors(config, kPeriod);
  const double k = servo().torque_constant, stall = k * 12.0 / servo().resistance;
  for (const double part : {0.0, 0.25, 0.5, 1.0, 1.2}) {
    HandCommand command = asked(100.0);
    motors.deliver(command, all(1, part * 8.06), {});
    const double left = std::max(1.0 - part, 0.0);  // turned faster than that, it coasts
    CHECK(command.effort[0] == doctest::Approx(stall * left).epsilon(1e-9));
    CHECK(command.duty[0] == doctest::Approx(1.0));
    CHECK(motors.limit(0) == MotorLimit::kVoltage);
  }
  HandCommand command = asked(1.0);
  motors.deliver(command, all(1, 2.0), {});
  CHECK(command.effort[0] == 1.0);
  CHECK(motors.limit(0) == MotorLimit::kNone);
  CHECK(command.current[0] == doctest::Approx(1.0 / k));
  CHECK(command.duty[0] == doctest::Approx((servo().resistance / k + 2.0 * k) / 12.0));
}

TEST_CASE("no motor gets more than its current") {
  Motor m = servo();
  m.current_max = 0.5;
  Motors motors(hand_of(m), kPeriod);
  HandCommand command = asked(-3.0);
  motors.deliver(command, all(1, 0.0), {});
  CHECK(command.current[0] == -0.5);
  CHECK(command.effort[0] == -0.5 * m.torque_constant);
  CHECK(motors.limit(0) == MotorLimit::kCurrent);
}

TEST_CASE("no limit turns an effort round or takes a motor past its current") {
  Motor m = servo();
  m.current_max = 1.0;
  MotorConfig config = hand_of(m, 3);
  config.rail[0] = {.voltage = 12.0, .resistance = 0.5, .voltage_min = 6.0};
  Motors motors(config, kPeriod);
  Random random(6);
  for (int i = 0; i < 2000; ++i) {
    HandCommand command = asked(random_joints(random, 3, 2.0));
    command.effort[0] = 0.0;
    const ActuatorVector wanted = command.effort;
    motors.deliver(command, random_joints(random, 3, 20.0), {});
    CHECK((command.effort.cwiseProduct(wanted).array() >= 0.0).all());
    CHECK((command.effort.cwiseAbs().array() <= wanted.cwiseAbs().array()).all());
    CHECK(command.current.cwiseAbs().maxCoeff() <= m.current_max);
  }
}

TEST_CASE("motors at rest get neither torque nor current, however they are turned, and cool down") {
  Motor m = servo();
  m.thermal = small_thermal();
  MotorConfig config = hand_of(m, 2);
  config.rail[0] = {.voltage = 12.0, .resistance = 0.5, .voltage_min = 6.0};
  Motors motors(config, kPeriod);
  HandCommand command;
  for (int i = 0; i < 1000; ++i) {
    command = asked(all(2, 2.0));
    motors.deliver(command, all(2, 0.0), {});
  }
  const double warm = motors.winding(0);
  REQUIRE(motors.rail_voltage(0) < 12.0);
  for (int i = 0; i < 1000; ++i) {
    motors.rest(command, {});
    CHECK(command.effort.norm() + command.current.norm() + command.duty.norm() == 0.0);
  }
  CHECK(motors.winding(0) < warm);
  CHECK(motors.winding(0) > kCatalogueCelsius);
  CHECK(motors.rail_voltage(0) == 12.0);
  motors.cool_down();
  CHECK(motors.winding(0) == kCatalogueCelsius);
}

TEST_CASE("compensated friction does not take a motor past the bounds of its effort") {
  Motor m = servo();
  m.friction.coulomb = 0.3;
  MotorConfig config = hand_of(m);
  config.friction_compensation = 1.0;
  config.sign_width = 1e-6;
  Motors motors(config, kPeriod, {all(1, 0.5), all(1, 0.5), all(1, 2.0)});
  const auto delivered = [&](double effort, double speed) {
    HandCommand command = asked(effort);
    motors.deliver(command, all(1, speed), {});
    return command.effort[0];
  };
  CHECK(delivered(1.0, 1.0) == doctest::Approx(1.3));
  CHECK(delivered(1.9, 1.0) == doctest::Approx(2.0));
  CHECK(delivered(2.0, 1.0) == doctest::Approx(2.0));
  CHECK(delivered(2.0, -1.0) == doctest::Approx(1.7));
  CHECK(delivered(0.6, -1.0) == doctest::Approx(0.5));
}

TEST_CASE("compensated friction moves with the speed") {
  Motor m = servo();
  m.friction = {.coulomb = 0.1,
                .viscous = 0.01,
                .load_external = 0.05,
                .stribeck_coulomb = 0.05,
                .stribeck_speed = 0.2};
  MotorConfig config = hand_of(m);
  config.friction_compensation = 0.8;
  config.sign_width = 1e-6;
  Motors motors(config, kPeriod);
  const auto delivered = [&](double effort, double speed) {
    HandCommand command = asked(effort);
    motors.deliver(command, all(1, speed), {});
    return command.effort[0];
  };
  const double friction = 0.1 + 0.05 * std::exp(-1.0) + 0.05 * 0.4 + 0.01 * 0.2;
  CHECK(delivered(0.4, 0.2) == doctest::Approx(0.4 + 0.8 * friction));
  CHECK(delivered(-0.4, -0.2) == doctest::Approx(-0.4 - 0.8 * friction));
  CHECK(delivered(0.4, 0.0) == doctest::Approx(0.4));
}

// The real motor: its own figures, continuous in time for what a tick can tell.
struct RealMotor {
  Thermal thermal;
  double resistance;
  double winding = kCatalogueCelsius, housing = kCatalogueCelsius;

  void tick(double current, double period) {
    constexpr int kFine = 10;
    for (int k = 0; k < kFine; ++k) {
      const double power = current * current * resistance * copper_growth(winding);
      const double flow = (winding - housing) / thermal.winding_resistance;
      const double out = (housing - kCatalogueCelsius) / thermal.housing_resistance;
      winding += period / kFine * (power - flow) / thermal.winding_capacity;
      housing += period / kFine * (flow - out) / thermal.housing_capacity;
    }
  }
};

TEST_CASE("winding and housing follow the two-body network, on the hot side of it") {
  const Motor m = servo();
  RealMotor real{small_thermal(), m.resistance};
  MotorHeat heat(small_thermal(), kCatalogueCelsius, kPeriod);
  for (int i = 0; i < 20000; ++i) {
    heat.advance(0.6, m.resistance);
    real.tick(0.6, kPeriod);
  }
  CHECK(real.winding > 30.0);
  CHECK(heat.winding() - 25.0 == doctest::Approx(real.winding - 25.0).epsilon(1e-3));
  CHECK(heat.housing() - 25.0 == doctest::Approx(real.housing - 25.0).epsilon(1e-3));
  CHECK(heat.winding() >= real.winding);
}

TEST_CASE("a steady current ends where the heat that flows off equals that of the copper") {
  Thermal t = small_thermal();
  t.winding_max = 20.0;
  MotorHeat heat(t, 20.0, 10.0);
  for (int i = 0; i < 10000; ++i) heat.advance(0.5, 5.0);
  const double power = 0.25 * 5.0 * copper_growth(heat.winding());
  CHECK(heat.winding() == doctest::Approx(20.0 + power * 25.0));
  CHECK(heat.housing() == doctest::Approx(20.0 + power * 15.0));
}

TEST_CASE("a measured housing corrects the estimate; no number does not") {
  Motor m = servo();
  m.thermal = small_thermal();
  Motors motors(hand_of(m), kPeriod);
  for (int i = 0; i < 60000; ++i) {
    HandCommand command = asked(0.0);
    motors.deliver(command, all(1, 0.0), all(1, i % 2 ? 60.0 : kNan));
  }
  CHECK(motors.housing(0) == doctest::Approx(60.0).epsilon(0.02));
  CHECK(motors.winding(0) > 50.0);
}

// The hottest that a real winding gets in `ticks`, under the worst demands there are.
double hottest_winding(const Motor& believed, RealMotor real, int demand, double period,
                       int ticks) {
  Motors motors(hand_of(believed), period);
  Random random(static_cast<std::uint64_t>(demand));
  double wanted = 0.0, hottest = 0.0;
  for (int i = 0; i < ticks; ++i) {
    if (demand == 0) wanted = 1e3;                           // a stall for ever
    if (demand == 1) wanted = i % 2000 < 1000 ? -1e3 : 0.0;  // all or nothing
    if (demand == 2) wanted = std::clamp(wanted + 0.3 * random.normal(), -9.0, 9.0);
    if (demand == 3) wanted = 10.0 * random.normal();
    HandCommand command = asked(wanted);
    motors.deliver(command, all(1, 0.0), {});
    real.tick(command.current[0], period);
    hottest = std::max(hottest, real.winding);
  }
  return hottest;
}

TEST_CASE("a winding never passes its limit, whatever is asked for") {
  Motor m = servo();
  m.thermal = small_thermal();
  for (const double period : {0.001, 0.02}) {
    for (int demand = 0; demand < 4; ++demand) {
      const double hottest = hottest_winding(m, {m.thermal, m.resistance}, demand, period, 200000);
      CHECK(hottest <= m.thermal.winding_max);
      if (demand == 0) CHECK(hottest > m.thermal.winding_max - 0.1);
    }
  }
}

TEST_CASE("figures that are 20 % wrong need the margin that the design states") {
  Motor m = servo();
  m.thermal = small_thermal();
  Thermal worse = m.thermal;
  worse.winding_resistance *= 1.2;
  worse.housing_resistance *= 1.2;
  worse.winding_capacity /= 1.2;
  worse.housing_capacity /= 1.2;
  const RealMotor real{worse, 1.2 * m.resistance};
  CHECK(hottest_winding(m, real, 0, 0.02, 400000) > 100.0);
  m.thermal.winding_max = 25.0 + 0.62 * 75.0;
  CHECK(hottest_winding(m, real, 0, 0.02, 400000) <= 100.0);
}

TEST_CASE("a rail sags by its resistance times what its motors draw") {
  MotorConfig config = hand_of(servo(), 3);
  config.rail[0] = {.voltage = 12.0, .resistance = 0.2, .voltage_min = 6.0};
  Motors motors(config, kPeriod);
  const ActuatorVector speed = joints({0.0, 1.0, -2.0});
  HandCommand command = asked(joints({1.0, 0.5, 0.7}));  // the third one brakes
  motors.deliver(command, speed, {});
  double drawn = 0.0;
  for (int k = 0; k < 3; ++k) drawn += std::max(command.duty[k] * command.current[k], 0.0);
  CHECK(motors.rail_voltage(0) == doctest::Approx(12.0 - 0.2 * drawn).epsilon(1e-12));
  CHECK((command.effort - joints({1.0, 0.5, 0.7})).norm() == 0.0);
}

TEST_CASE("no demand pulls a rail below its lowest voltage or a duty above one") {
  MotorConfig config = hand_of(servo(), 6);
  for (std::size_t k = 3; k < 6; ++k) config.motor[k].rail = 1;
  config.rail[0] = {.voltage = 12.0, .resistance = 0.5, .voltage_min = 10.0};
  config.rail[1] = {.voltage = 12.0, .resistance = 0.1, .voltage_min = 6.0};
  Motors motors(config, kPeriod);
  Random random(5);
  bool sagged = false, short_of_voltage = false;
  for (int i = 0; i < 2000; ++i) {
    HandCommand command = asked(random_joints(random, 6, 4.0));
    const ActuatorVector wanted = command.effort, speed = random_joints(random, 6, 2.0);
    motors.deliver(command, speed, {});
    CHECK(command.duty.cwiseAbs().maxCoeff() <= 1.0);
    for (int r = 0; r < 2; ++r) {
      const Rail& rail = config.rail[static_cast<std::size_t>(r)];
      double drawn = 0.0;
      for (int k = 3 * r; k < 3 * r + 3; ++k) {
        drawn += std::max(command.duty[k] * command.current[k], 0.0);
      }
      CHECK(motors.rail_voltage(r) >= rail.voltage_min - 1e-9);
      CHECK(motors.rail_voltage(r) ==
            doctest::Approx(rail.voltage - rail.resistance * drawn).epsilon(1e-9));
    }
    for (int k = 0; k < 6; ++k) {
      sagged = sagged || motors.limit(k) == MotorLimit::kRail;
      short_of_voltage = short_of_voltage || motors.limit(k) == MotorLimit::kVoltage;
      if (motors.limit(k) == MotorLimit::kNone) CHECK(command.effort[k] == wanted[k]);
    }
  }
  CHECK(sagged);
  CHECK(short_of_voltage);
}

TEST_CASE("the motor agrees with MuJoCo's where both apply") {
  const ModelPointer m = compile(R"(<mujoco><option timestep="0.001" gravity="0 0 0"/>
    <worldbody><body><joint name="j" type="hinge" axis="0 0 1" armature="0.004"/>
      <geom type="capsule" fromto="0 0 0 0.1 0 0" size="0.01" mass="0.05"/></body></worldbody>
    <actuator><dcmotor name="m" joint="j" input="ff" nominal="12 3 8.063" saturation="3 0 0"
      controller="0 0 0 0 0 12"/></actuator></mujoco>)");
  const DataPointer d(mj_makeData(m.get()));
  Motor servo;
  servo.torque_constant = servo.back_emf = 12.0 / 8.063;
  servo.resistance = servo.torque_constant * 12.0 / 3.0;
  MotorConfig config = hand_of(servo);
  config.rail[0].voltage = 12.0;
  Motors motors(config, kPeriod);
  double largest = 0.0;
  int limited = 0;
  for (int i = 0; i < 2000; ++i) {
    const double wanted = 2.5 * std::sin(0.01 * i);
    HandCommand command = asked(wanted);
    motors.deliver(command, all(1, d->qvel[0]), {});
    d->ctrl[0] = wanted;
    mj_step(m.get(), d.get());
    largest = std::max(largest, std::abs(d->actuator_force[0] - command.effort[0]));
    limited += motors.limit(0) == MotorLimit::kVoltage;
  }
  CHECK(limited > 100);
  CHECK(limited < 1900);
  CHECK(largest < 1e-9);
}

TEST_CASE("the hottest motor is the one nearest to its limit") {
  Motor m = servo();
  m.thermal = small_thermal();
  MotorConfig config = hand_of(m, 3);
  config.motor[2].thermal.winding_max = 80.0;
  Motors motors(config, 0.02);
  for (int i = 0; i < 1000; ++i) {
    HandCommand command = asked(joints({0.5, 1.0, 0.9}));
    motors.deliver(command, all(3, 0.0), {});
  }
  const HottestMotor hottest = motors.hottest();
  CHECK(hottest.index == 2);
  CHECK(hottest.limit == 80.0);
  CHECK(hottest.winding == motors.winding(2));
  CHECK(hottest.winding < motors.winding(1));
}

}  // namespace
}  // namespace handloop::testing::motor
