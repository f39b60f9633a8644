// What a tick costs together with the bus: saying and understanding, without the wire in between.
#pragma once

#include <numeric>

#include "handloop/bus/bench/prompt_answer.hpp"
#include "handloop/bus/bus_plant.hpp"
#include "handloop/bus/dynamixel_protocol.hpp"
#include "handloop/tick_timer.hpp"

namespace handloop::bus {

// Dynamixels that answer a group read at once, and always the same.
class PromptServos final : public Wire {
 public:
  // Ids from 1 on, `size` bytes each; fast: in one packet.
  PromptServos(std::size_t count, std::size_t size, bool fast = false) {
    std::vector<std::uint8_t> ids(count);
    std::iota(ids.begin(), ids.end(), std::uint8_t{1});
    const std::vector<std::uint8_t> data(size, 1);
    reply_ = fast ? bench::fast_answer(ids, data) : bench::sync_answer(ids, data);
  }

  std::int64_t now() const override { return 1; }
  std::int64_t byte_time() const override { return 0; }
  bool send(Bytes /*bytes*/) override { return true; }
  std::ptrdiff_t receive(std::span<std::uint8_t> room, std::int64_t /*deadline*/) override {
    std::copy(reply_.begin(), reply_.end(), room.begin());
    return static_cast<std::ptrdiff_t>(reply_.size());
  }
  void discard() override {}

 private:
  std::vector<std::uint8_t> reply_;
};

// A hand of X-series Dynamixels in current mode (ROBOTIS e-Manual, control table of the XL330).
inline std::vector<ServoDrive> typical_drives(std::size_t count) {
  static constexpr std::array<std::uint8_t, 2> kNothing{};
  constexpr double kTurn = 6.283185307179586;
  ServoDrive d;
  d.read = {0, 126, 10, {}};
  d.write = {0, 102, 2, kNothing};
  d.current = {0, 2};
  d.velocity = {2, 4};
  d.position = {6, 4};
  d.goal_current = {0, 2};
  d.position_unit = kTurn / 4096.0;
  d.velocity_unit = 0.229 * kTurn / 60.0;
  d.current_unit = 1e-3;
  d.current_limit = 1.75;
  std::vector<ServoDrive> drives(count, d);
  for (std::size_t i = 0; i < count; ++i) drives[i].id = static_cast<std::uint8_t>(i + 1);
  return drives;
}

// As `time_ticks`, with what one servo per joint adds: current, velocity and position of each are
// asked for, found in the answer and converted, and its goal current is written. The controller
// ticks on the recorded samples all the same. The sum goes into `both`, the codec's part into
// `codec`.
inline void time_ticks_and_codec(Controller& controller, const std::vector<HandState>& samples,
                                 int ticks, Histogram& both, Histogram& codec) {
  const auto joints = static_cast<std::size_t>(controller.model().joint_count);
  PromptServos servos(joints, 10);
  const auto protocol = std::make_unique<DynamixelProtocol>();
  const auto line = std::make_unique<Line>(servos, *protocol, LineConfig{});
  BusPlant plant({line.get()}, typical_drives(joints), {});
  HandState heard;
  for (int i = 0; i < ticks; ++i) {
    const HandState& sample = samples[static_cast<std::size_t>(i) % samples.size()];
    const std::int64_t begin = monotonic_ns();
    plant.read(heard);
    const std::int64_t read = monotonic_ns();
    const HandCommand& command = controller.tick(sample, sample.time);
    const std::int64_t ticked = monotonic_ns();
    plant.write(command);
    const std::int64_t end = monotonic_ns();
    both.record(end - begin);
    codec.record(end - ticked + read - begin);
  }
}

// The bus's part alone: servos are asked, understood, converted and written.
inline void time_codec(std::size_t servos, bool fast, int cycles, Histogram& times) {
  PromptServos wire(servos, 10, fast);
  const auto protocol = std::make_unique<DynamixelProtocol>();
  LineConfig config;
  config.fast = fast;
  const auto line = std::make_unique<Line>(wire, *protocol, config);
  BusPlant plant({line.get()}, typical_drives(servos), {});
  HandState state;
  HandCommand command;
  command.torque.setConstant(static_cast<Eigen::Index>(servos), 0.1);
  command.current = command.torque;
  for (int i = 0; i < cycles; ++i) {
    const std::int64_t begin = monotonic_ns();
    plant.read(state);
    plant.write(command);
    times.record(monotonic_ns() - begin);
  }
}

}  // namespace handloop::bus
