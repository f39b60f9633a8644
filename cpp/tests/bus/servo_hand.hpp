// A hand of virtual X330s in lockstep, with all that keeps it safe.
#pragma once

#include <functional>

#include "handloop/bus/bus_plant.hpp"
#include "handloop/bus/dynamixel_protocol.hpp"
#include "virtual_support.hpp"

namespace handloop::testing {

inline constexpr double kServoTick = 2.0 * 3.141592653589793 / 4096.0;  // [rad]
inline constexpr std::int64_t kServoCentre = 2048;

// Current, velocity and position are read, goal current to goal position written.
inline bus::ServoDrive x330_drive(std::uint8_t id, bus::ServoMode mode) {
  static const Octets zeros(18, 0);
  bus::ServoDrive d;
  d.id = id;
  d.mode = mode;
  d.read = {0, 126, 10, {}};
  d.current = {0, 2};
  d.velocity = {2, 4};
  d.position = {6, 4};
  d.write = {0, 102, 18, zeros};
  d.goal_current = {0, 2};
  d.goal_position = {14, 4};
  d.position_unit = kServoTick;
  d.velocity_unit = 0.02398;
  d.current_unit = 1e-3;
  d.current_limit = 0.5;
  d.stiffness = 1.0;
  d.zero = static_cast<double>(kServoCentre) * kServoTick;
  d.torque = 64;
  d.watchdog = bus::ByteSetting{98, 3};
  d.health.block = {0, 144, 3, {}};
  d.health.voltage = {0, 2, bus::Encoding::kUnsigned};
  d.health.temperature = {2, 1, bus::Encoding::kUnsigned};
  if (mode == bus::ServoMode::kPosition) d.goal_current = {};
  return d;
}

inline bus::BusPlantConfig prompt_config() {
  bus::BusPlantConfig config;
  config.period = 0.01;
  config.ramp = 0.0;
  return config;
}

struct ServoHand {
  static constexpr std::int64_t kOperatingMode[] = {0, 5, 3};

  Host host;
  bus::DynamixelProtocol protocol;
  bus::Line line{host.wire, protocol, {}};
  bus::BusPlant plant;
  HandState state;
  HandCommand command;
  std::function<void()> sampled = [] {};  // what happens between a sample and its command

  explicit ServoHand(const std::vector<bus::ServoMode>& modes,
                     const bus::BusPlantConfig& config = prompt_config())
      : host(x330_bus(ids(modes.size()))), plant({&line}, drives(modes), config) {
    for (std::size_t i = 0; i < modes.size(); ++i) {
      const auto mode = kOperatingMode[static_cast<std::size_t>(modes[i])];
      host.write(static_cast<std::uint8_t>(i + 1), Role::kOperatingMode, mode);
    }
    command.current.setZero(static_cast<Eigen::Index>(modes.size()));
    command.torque = command.current;
  }

  static Octets ids(std::size_t count) {
    Octets all;
    while (all.size() < count) all.push_back(static_cast<std::uint8_t>(all.size() + 1));
    return all;
  }
  static std::vector<bus::ServoDrive> drives(const std::vector<bus::ServoMode>& modes) {
    std::vector<bus::ServoDrive> all;
    for (const bus::ServoMode mode : modes) {
      all.push_back(x330_drive(static_cast<std::uint8_t>(all.size() + 1), mode));
    }
    return all;
  }

  void cycle(int ticks = 1) {
    for (int n = 0; n < ticks; ++n) {
      const std::int64_t end = host.wire.now() + 10 * kMs;
      plant.read(state);
      sampled();
      plant.write(command);
      host.wait(std::max<std::int64_t>(end - host.wire.now(), 0));
      plant.advance();
    }
  }
  std::int64_t torque(std::size_t i) { return host.get(i, Role::kTorqueEnable); }
  std::int64_t goal_current(std::size_t i) { return host.get(i, Role::kGoalCurrent); }
  double current(std::size_t i) { return host.bus.servo(i).motor().current(); }  // [A]
};

}  // namespace handloop::testing
