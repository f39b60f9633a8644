// What a host says on a Dynamixel bus, one function per instruction (e-Manual, "Instruction
// Details"). Each starts a new packet in the writer; what is returned is good until the next one
// begins.
#pragma once

#include "handloop/bus/dynamixel_packet.hpp"

namespace handloop::bus::dynamixel {

// Which registers of which servo; for a bulk write their new contents, too.
struct BulkItem {
  std::uint8_t id = 0;
  std::uint16_t address = 0, size = 0;
  Bytes data;
};

enum class FactoryReset : std::uint8_t { kAll = 0xFF, kAllButId = 0x01, kAllButIdAndBaud = 0x02 };

inline Bytes ping(PacketWriter& w, std::uint8_t id) {
  return w.begin(id, Instruction::kPing).end();
}

inline Bytes read(PacketWriter& w, std::uint8_t id, std::uint16_t address, std::uint16_t size) {
  return w.begin(id, Instruction::kRead).put_word(address).put_word(size).end();
}

inline Bytes write(PacketWriter& w, std::uint8_t id, std::uint16_t address, Bytes data) {
  return w.begin(id, Instruction::kWrite).put_word(address).put(data).end();
}

// Written when `action` comes.
inline Bytes reg_write(PacketWriter& w, std::uint8_t id, std::uint16_t address, Bytes data) {
  return w.begin(id, Instruction::kRegWrite).put_word(address).put(data).end();
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

// All servos the same registers. They answer in the order of `ids`; fast: in one packet.
inline Bytes sync_read(PacketWriter& w, std::uint16_t address, std::uint16_t size, Bytes ids,
                       bool fast = false) {
  const Instruction instruction = fast ? Instruction::kFastSyncRead : Instruction::kSyncRead;
  return w.begin(kBroadcast, instruction).put_word(address).put_word(size).put(ids).end();
}

// `data`: of all servos one after the other, `size` bytes each. Nobody answers.
inline Bytes sync_write(PacketWriter& w, std::uint16_t address, std::uint16_t size, Bytes ids,
                        Bytes data) {
  if (data.size() != ids.size() * size) return {};
  w.begin(kBroadcast, Instruction::kSyncWrite).put_word(address).put_word(size);
  for (std::size_t i = 0; i < ids.size(); ++i) w.put(ids[i]).put(data.subspan(i * size, size));
  return w.end();
}

inline Bytes bulk_read(PacketWriter& w, std::span<const BulkItem> items, bool fast = false) {
  w.begin(kBroadcast, fast ? Instruction::kFastBulkRead : Instruction::kBulkRead);
  for (const BulkItem& item : items) {
    w.put(item.id).put_word(item.address).put_word(item.size);
  }
  return w.end();
}

inline Bytes bulk_write(PacketWriter& w, std::span<const BulkItem> items) {
  w.begin(kBroadcast, Instruction::kBulkWrite);
  for (const BulkItem& item : items) {
    if (item.data.size() != item.size) return {};
    w.put(item.id).put_word(item.address).put_word(item.size).put(item.data);
  }
  return w.end();
}

// What a servo says.
inline Bytes status(PacketWriter& w, std::uint8_t id, std::uint8_t error, Bytes data = {}) {
  return w.begin(id, Instruction::kStatus).put(error).put(data).end();
}

}  // namespace handloop::bus::dynamixel
