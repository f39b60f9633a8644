// What a host says on a Dynamixel bus, one function per instruction (e-Manual, "Instruction
// Details"). Each starts a new packet in the writer; what is returned is good until the next one
// begins.
#pragma once

#include "handloop/bus/dynamixel_packet.hpp"
#include "handloop/bus/registers.hpp"

namespace handloop::bus::dynamixel {

enum class FactoryReset : std::uint8_t { kAll = 0xFF, kAllButId = 0x01, kAllButIdAndBaud = 0x02 };

inline Bytes ping(PacketWriter& w, std::uint8_t id) {
  return w.begin(id, Instruction::kPing).end();
}

inline Bytes read(PacketWriter& w, const Registers& r) {
  return w.begin(r.id, Instruction::kRead).put_word(r.address).put_word(r.size).end();
}

inline Bytes write(PacketWriter& w, const Registers& r) {
  return w.begin(r.id, Instruction::kWrite).put_word(r.address).put(r.data).end();
}

// Written when `action` comes.
inline Bytes reg_write(PacketWriter& w, const Registers& r) {
  return w.begin(r.id, Instruction::kRegWrite).put_word(r.address).put(r.data).end();
}

inline Bytes action(PacketWriter& w, std::uint8_t id) {
  return w.begin(id, Instruction::kAction).end();
}

inline Bytes factory_reset(PacketWriter& w, std::uint8_t id, FactoryReset what) {
  return w.begin(id, Instruction::kFactoryReset).put(static_cast<std::uint8_t>(what)).end();
}

inline Bytes reboot(PacketWriter& w, std::uint8_t id) {
  return w.begin(id, Instruction::kReboot).end();
}

// Brings the position back within one turn. The letters are the manual's guard against accidents.
inline Bytes clear_turns(PacketWriter& w, std::uint8_t id) {
  constexpr std::array<std::uint8_t, 5> kPosition{0x01, 'D', 'X', 'L', '"'};
  return w.begin(id, Instruction::kClear).put(kPosition).end();
}

// Sync: all servos the same block; bulk: each its own. They answer in this order; fast: in one
// packet. Empty where there is nothing to read, or a sync read is asked for several blocks.
inline Bytes sync_read(PacketWriter& w, std::span<const Registers> servos, bool fast = false) {
  if (servos.empty() || !same_block(servos)) return {};
  w.begin(kBroadcast, fast ? Instruction::kFastSyncRead : Instruction::kSyncRead);
  w.put_word(servos[0].address).put_word(servos[0].size);
  for (const Registers& r : servos) w.put(r.id);
  return w.end();
}

inline Bytes bulk_read(PacketWriter& w, std::span<const Registers> servos, bool fast = false) {
  if (servos.empty()) return {};
  w.begin(kBroadcast, fast ? Instruction::kFastBulkRead : Instruction::kBulkRead);
  for (const Registers& r : servos) w.put(r.id).put_word(r.address).put_word(r.size);
  return w.end();
}

// Nobody answers. Empty also where data are missing.
inline Bytes sync_write(PacketWriter& w, std::span<const Registers> servos) {
  if (!complete(servos) || !same_block(servos)) return {};
  w.begin(kBroadcast, Instruction::kSyncWrite);
  w.put_word(servos[0].address).put_word(servos[0].size);
  for (const Registers& r : servos) w.put(r.id).put(r.data);
  return w.end();
}

inline Bytes bulk_write(PacketWriter& w, std::span<const Registers> servos) {
  if (!complete(servos)) return {};
  w.begin(kBroadcast, Instruction::kBulkWrite);
  for (const Registers& r : servos) w.put(r.id).put_word(r.address).put_word(r.size).put(r.data);
  return w.end();
}

// What a servo says.
inline Bytes status(PacketWriter& w, std::uint8_t id, std::uint8_t error, Bytes data = {}) {
  return w.begin(id, Instruction::kStatus).put(error).put(data).end();
}

}  // namespace handloop::bus::dynamixel
