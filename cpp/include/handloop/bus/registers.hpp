// Which registers of which servo are read or written.
#pragma once

#include "handloop/bus/byte_queue.hpp"

namespace handloop::bus {

inline constexpr std::size_t kMaxServos = 64;  // on one line

// One block of registers of one servo; for a write its new contents, too.
struct Registers {
  std::uint8_t id = 0;
  std::uint16_t address = 0, size = 0;
  Bytes data;
};

// All of them the same block, each of another servo.
inline bool same_block(std::span<const Registers> servos) {
  for (const Registers& r : servos) {
    if (r.address != servos[0].address || r.size != servos[0].size) return false;
  }
  return true;
}

// Each has as many bytes to write as registers to write them to.
inline bool complete(std::span<const Registers> servos) {
  for (const Registers& r : servos) {
    if (r.data.size() != r.size) return false;
  }
  return !servos.empty();
}

}  // namespace handloop::bus
