"""What can be bought: motors, gearheads and servos, and the actuators that can be made of them."""
