// Cycles on a line of servos: all are read, all are written. As a hand does it, and as the least
// that any client has to do.
#pragma once

#include <poll.h>

#include "handloop/bus/codec_timer.hpp"

namespace handloop::bus::bench {

struct Cycle {
  std::int64_t time = 0;  // [ns]
  std::size_t fresh = 0;  // servos that answered in it
};

// X-series servos of these ids, whose goal current is written, or their goal position.
inline std::vector<ServoDrive> drives_of(const std::vector<std::uint8_t>& ids, bool by_position) {
  static constexpr std::array<std::uint8_t, 4> kNothing{};
  std::vector<ServoDrive> drives = typical_drives(ids.size());
  for (std::size_t i = 0; i < ids.size(); ++i) {
    ServoDrive& drive = drives[i];
    drive.id = ids[i];
    if (!by_position) continue;
    drive.mode = ServoMode::kPosition;
    drive.stiffness = 1.0;
    drive.write = {drive.id, 116, 4, kNothing};
    drive.goal_position = {0, 4};
    drive.goal_current = {};
  }
  return drives;
}

// What a hand on its bus does besides its controller. It asks for no torque.
inline void run_cycles(BusPlant& plant, std::size_t servos, std::span<Cycle> cycles) {
  HandState state;
  HandCommand command;
  command.torque.setZero(static_cast<Eigen::Index>(servos));
  command.current = command.torque;
  std::int64_t begin = monotonic_ns();
  for (Cycle& cycle : cycles) {
    plant.read(state);
    plant.write(command);
    const std::int64_t end = monotonic_ns();
    cycle = {end - begin, 0};
    for (std::size_t i = 0; i < servos; ++i) {
      cycle.fresh += plant.reading(i).outcome == Outcome::kAnswered ? 1U : 0U;
    }
    begin = end;
  }
}

// The same packets said and heard, and nothing understood.
class RawClient {
 public:
  // The descriptor is a serial port's.
  RawClient(int descriptor, const std::vector<ServoDrive>& drives, bool fast)
      : descriptor_(descriptor) {
    std::vector<Registers> reads, writes;
    for (const ServoDrive& drive : drives) {
      reads.push_back(drive.read);
      reads.back().id = drive.id;
      writes.push_back(drive.write);
      writes.back().id = drive.id;
    }
    DynamixelProtocol protocol;
    read_ = copy_of(protocol.group_read(reads, fast));
    write_ = copy_of(protocol.group_write(writes));
    answer_.resize(protocol.reply_size(reads, fast));
  }

  // False: no answer came.
  bool run(std::span<Cycle> cycles, std::size_t servos) {
    std::int64_t begin = monotonic_ns();
    for (Cycle& cycle : cycles) {
      if (!say(read_) || !hear() || !say(write_)) return false;
      const std::int64_t end = monotonic_ns();
      cycle = {end - begin, servos};
      begin = end;
    }
    return true;
  }

 private:
  static constexpr int kPatience = 1000;  // [ms]

  static std::vector<std::uint8_t> copy_of(Bytes bytes) { return {bytes.begin(), bytes.end()}; }

  bool say(const std::vector<std::uint8_t>& bytes) const {
    return ::write(descriptor_, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size());
  }

  bool hear() {
    for (std::size_t heard = 0; heard < answer_.size();) {
      pollfd poll{descriptor_, POLLIN, 0};
      if (::poll(&poll, 1, kPatience) <= 0) return false;
      const ssize_t count = ::read(descriptor_, &answer_[heard], answer_.size() - heard);
      if (count <= 0) return false;
      heard += static_cast<std::size_t>(count);
    }
    return true;
  }

  int descriptor_;
  std::vector<std::uint8_t> read_, write_, answer_;
};

}  // namespace handloop::bus::bench
