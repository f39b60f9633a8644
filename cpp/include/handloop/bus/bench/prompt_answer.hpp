// What Dynamixels say to a group read, all of them the same.
#pragma once

#include <vector>

#include "handloop/bus/dynamixel_fast_reply.hpp"
#include "handloop/bus/dynamixel_request.hpp"

namespace handloop::bus::bench {

// In one packet each.
inline std::vector<std::uint8_t> sync_answer(Bytes ids, Bytes data) {
  std::vector<std::uint8_t> answer;
  dynamixel::PacketWriter writer;
  for (const std::uint8_t id : ids) {
    const Bytes status = dynamixel::status(writer, id, 0, data);
    answer.insert(answer.end(), status.begin(), status.end());
  }
  return answer;
}

// In one packet of all, into which nothing is stuffed.
inline std::vector<std::uint8_t> fast_answer(Bytes ids, Bytes data) {
  std::vector<std::uint8_t> answer{0xFF, 0xFF, 0xFD, 0x00, dynamixel::kBroadcast};
  const auto put_word = [&](std::size_t word) {
    answer.push_back(static_cast<std::uint8_t>(word));
    answer.push_back(static_cast<std::uint8_t>(word >> 8));
  };
  put_word(dynamixel::fast_reply_length(ids.size(), data.size()));
  answer.push_back(static_cast<std::uint8_t>(dynamixel::Instruction::kStatus));
  for (const std::uint8_t id : ids) {
    answer.push_back(0);  // no error
    answer.push_back(id);
    answer.insert(answer.end(), data.begin(), data.end());
    put_word(crc16(answer));
  }
  return answer;
}

}  // namespace handloop::bus::bench
