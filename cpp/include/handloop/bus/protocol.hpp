// What servo families have in common on the wire: requests are written, answers are read.
#pragma once

#include <optional>

#include "handloop/bus/registers.hpp"

namespace handloop::bus {

struct Reply {
  std::uint8_t id = 0;
  std::uint8_t refusal = 0;  // why the servo did not do it, a number of its family; 0: it did
  std::uint8_t alarms = 0;   // what the servo reports about itself; bits of its family, 0: well
  Bytes data;                // good until the next call
};

// What a factory reset leaves as it is.
enum class Kept : std::uint8_t { kNothing, kId, kIdAndBaud };

// Requests are good until the next one is written, and empty where the family cannot say that, or
// not in one packet.
class Protocol {
 public:
  Protocol() = default;
  Protocol(const Protocol&) = delete;
  Protocol& operator=(const Protocol&) = delete;
  virtual ~Protocol() = default;

  virtual Bytes ping(std::uint8_t id) = 0;
  virtual Bytes read(const Registers& registers) = 0;
  virtual Bytes write(const Registers& registers) = 0;
  virtual Bytes reg_write(const Registers& registers) = 0;
  virtual Bytes action(std::uint8_t id) = 0;
  virtual Bytes reboot(std::uint8_t id) = 0;
  virtual Bytes factory_reset(std::uint8_t id, Kept kept) = 0;
  // Brings the position back within one turn.
  virtual Bytes clear_turns(std::uint8_t id) = 0;
  // How many bytes the answer to a ping carries.
  virtual std::size_t ping_size() const = 0;
  // Several servos, which answer in this order; `fast`: in one packet.
  virtual Bytes group_read(std::span<const Registers> servos, bool fast) = 0;
  // Nobody answers.
  virtual Bytes group_write(std::span<const Registers> servos) = 0;

  // What these answers take on the wire, without stuffing.
  virtual std::size_t reply_size(std::span<const Registers> servos, bool fast) const = 0;

  // Forgets what was received and makes ready for the answers of these servos.
  virtual void expect(std::span<const Registers> servos, bool fast) = 0;
  // Where received bytes go, what they say, and how many of them say nothing yet. `last_call`: no
  // more will come.
  virtual ByteQueue& queue() = 0;
  virtual std::optional<Reply> next(bool last_call) = 0;
  virtual std::size_t unread() = 0;
  // Whether an answer to another request was among them, which is not told by its ids.
  virtual bool overtaken() const { return false; }
};

}  // namespace handloop::bus
