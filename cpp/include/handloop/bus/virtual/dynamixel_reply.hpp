// What a Dynamixel is going to say, and its bytes: a status packet of its own, or its part of the
// packet in which all answer a fast read (dynamixel_fast_reply.hpp).
#pragma once

#include "handloop/bus/dynamixel_fast_reply.hpp"
#include "handloop/bus/dynamixel_request.hpp"
#include "handloop/bus/virtual/control_table.hpp"

namespace handloop::bus::virtual_servo {

struct Reply {
  std::uint8_t id = 0;
  Error error = Error::kNone;
  bool pings = false, reads = false, then_reboots = false;
  std::uint16_t address = 0, size = 0;  // of what is read
  // Among several servos: whether it is the first of them, or waits for the one before.
  bool first = false, waits = false;
  std::uint8_t before = 0;
  // In a fast read: the length of the whole packet, and the checksum of what was heard of it.
  bool fast = false;
  std::size_t length = 0;
  std::uint16_t crc = 0;
};

class ReplyWriter {
 public:
  // Good until the next one. `alarm`: the alert bit, or 0.
  Bytes write(const Reply& reply, std::uint8_t alarm, Bytes data) {
    const auto error = static_cast<std::uint8_t>(static_cast<std::uint8_t>(reply.error) | alarm);
    if (reply.fast) return part(reply, error, data);
    return dynamixel::status(writer_, reply.id, error,
                             reply.error == Error::kNone ? data : Bytes());
  }

 private:
  // Unstuffed; with the header where it is the first.
  Bytes part(const Reply& reply, std::uint8_t error, Bytes data) {
    size_ = 0;
    if (reply.first) put_header(reply.length);
    put(error);
    put(reply.id);
    for (const std::uint8_t byte : data) put(reply.error == Error::kNone ? byte : std::uint8_t{0});
    put_word(crc16({part_.data(), size_}, reply.crc));
    return {part_.data(), size_};
  }

  void put_header(std::size_t length) {
    for (const int byte : {0xFF, 0xFF, 0xFD, 0x00, int{dynamixel::kBroadcast}}) {
      put(static_cast<std::uint8_t>(byte));
    }
    put_word(length);
    put(static_cast<std::uint8_t>(dynamixel::Instruction::kStatus));
  }
  void put_word(std::size_t value) {
    put(static_cast<std::uint8_t>(value));
    put(static_cast<std::uint8_t>(value >> 8));
  }
  void put(std::uint8_t byte) { part_[size_++] = byte; }

  static constexpr std::size_t kAround = 12;  // header, error, id and checksum
  dynamixel::PacketWriter writer_;
  std::array<std::uint8_t, ControlTable::kSize + kAround> part_{};
  std::size_t size_ = 0;
};

}  // namespace handloop::bus::virtual_servo
